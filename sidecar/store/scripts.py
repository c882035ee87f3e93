"""The Lua scripts: one for each change, so that the change, its audit entry and its event are one.

A script gets as KEYS the audit and the event stream of the one partition it touches, then what
else its file names; as ARGV the beginning of the partition's key names and one JSON object with
named parameters. Names that begin so are in the same slot, also on a cluster. The clock is TIME
of Redis. `common.lua` stands before each script that needs it, as does what is named there.
"""

from dataclasses import dataclass
from functools import cache
from hashlib import sha1
from pathlib import Path

_FOLDER = Path(__file__).parent / "lua"
_COMMON = ("common", "sightings", "session_index", "provider_index", "session_ends")


@dataclass(frozen=True, slots=True)
class Script:
    """texts: of its files, in their order; the scripts share them, for whole they are 0.5 MB."""

    name: str
    texts: tuple[str, ...]
    sha: str

    @property
    def source(self) -> str:
        return "\n".join(self.texts)


def of_source(name: str, source: str, *before: str) -> Script:
    """Return a script of that text, behind the files that stand before it."""
    parts = (*(_COMMON if "common" in before else ()), *before)
    texts = (*map(_text, dict.fromkeys(parts)), source)
    digest = sha1("\n".join(texts).encode(), usedforsecurity=False)  # how Redis names scripts
    return Script(name, texts, digest.hexdigest())


def _script(name: str, *before: str) -> Script:
    return of_source(name, _text(name), *before)


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.lua").read_text("utf-8")


OPEN = _script("open", "common", "devices")
AGENT_OPEN = _script("agent_open", "common")
AGENT_USED = _script("agent_used", "common")
END = _script("end", "common")
END_ALL = _script("end_all", "common")
PROVIDER_END = _script("provider_end", "common")
SIGNAL_END = _script("signal_end", "common")
ROTATE = _script("rotate", "common")
TOUCH = _script("touch", "common")
END_MANY = _script("end_many", "common")
TRIM_ENDED = _script("trim_ended", "common")
ENDED_OF_USER = _script("ended_of_user")
HANDLES_OF_USERS = _script("handles_of_users")
RANGES = _script("ranges")
CANDIDATES = _script("candidates")
COUNT_LIVE = _script("count_live")
SURVEY = _script("survey")
SWEEP = _script("sweep", "common")
_PEOPLE = ("common", "owners", "listing", "acts")
USER_ADD = _script("user_add", *_PEOPLE)
USER_CHANGE = _script("user_change", *_PEOPLE, "devices")
USER_EDIT = _script("user_edit", *_PEOPLE)
USER_DELETE = _script("user_delete", *_PEOPLE)
USER_ERASE = _script("user_erase", *_PEOPLE)
USER_LINK = _script("user_link", *_PEOPLE)
USER_RESET = _script("user_reset", *_PEOPLE)
USER_REHASH = _script("user_rehash")
FACTOR_ADD = _script("factor_add", *_PEOPLE)
FACTOR_REMOVE = _script("factor_remove", *_PEOPLE)
FACTOR_CODES = _script("factor_codes", *_PEOPLE)
FACTOR_USE = _script("factor_use", *_PEOPLE)
OWNER_LEAVE = _script("owner_leave")
ATTEMPT = _script("attempt")
ATTEMPT_COUNTED = _script("attempt_counted")
ATTEMPT_FAILED = _script("attempt_failed", "common", "listing")
ATTEMPT_SUCCEEDED = _script("attempt_succeeded", "common", "listing")
UNLOCK = _script("unlock", *_PEOPLE)
NOTICE_CONFIRM = _script("notice_confirm", "common", "devices")
NOTICE_DISOWN = _script("notice_disown", "common", "devices")
PEOPLE_SETTLE = _script("people_settle", "common", "listing")
PEOPLE_STATUS = _script("people_status", "common")
PEOPLE_RANKS = _script("people_ranks")
PEOPLE_MEMBERS = _script("people_members")
AUDIT_WRITE = _script("audit_write", "common")
AUDIT_WALK = _script("audit_walk", "audit_filter")
AUDIT_SCAN = _script("audit_scan", "audit_filter")
STREAM_LOOK = _script("stream_look")
AUDIT_ONCE = _script("audit_once", "common")
AUDIT_SEAL = _script("audit_seal")
STREAM_PIECE = _script("stream_piece")
ALARM_RAISE = _script("alarm_raise", "common", "alarms")
ALARM_SETTLE = _script("alarm_settle", "common", "alarms")
ALARM_ACTED = _script("alarm_acted", "common", "alarms")
ALARM_MARKS = _script("alarm_marks")
WATCH_DONE = _script("watch_done")
WEBHOOK_CHANGE = _script("webhook_change", "common")
WEBHOOK_SEND = _script("webhook_send", "common", "webhook_queue")
WEBHOOK_CLAIM = _script("webhook_claim", "webhook_queue")
WEBHOOK_DONE = _script("webhook_done", "webhook_queue")
WEBHOOK_HURRY = _script("webhook_hurry", "webhook_queue")
WEBHOOK_FORGET = _script("webhook_forget", "webhook_queue")
WEBHOOK_HEALTH = _script("webhook_health")
REPLACE = _script("replace")
RELEASE = _script("release")
COUNTS_TAKE = _script("counts_take")

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Script))

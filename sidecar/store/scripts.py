"""The Lua scripts: one for each change, so that the change, its audit entry and its event are one.

A script gets as KEYS the audit and the event stream of the one partition it touches, then what
else its file names; as ARGV the beginning of the partition's key names and one JSON object with
named parameters. Names that begin so are in the same slot, also on a cluster. The clock is TIME
of Redis. `common.lua` stands before each script that needs it, `owners.lua` where it is named.
"""

from hashlib import sha1
from pathlib import Path
from typing import NamedTuple

_FOLDER = Path(__file__).parent / "lua"


class Script(NamedTuple):
    name: str
    source: str
    sha: str


def _script(name: str, *before: str) -> Script:
    source = "\n".join((_FOLDER / f"{part}.lua").read_text("utf-8") for part in (*before, name))
    digest = sha1(source.encode(), usedforsecurity=False).hexdigest()  # how Redis names scripts
    return Script(name, source, digest)


OPEN = _script("open", "common")
END = _script("end", "common")
END_ALL = _script("end_all", "common")
ROTATE = _script("rotate", "common")
TOUCH = _script("touch")
USER_ADD = _script("user_add", "common", "owners")
USER_CHANGE = _script("user_change", "common", "owners")
USER_DELETE = _script("user_delete", "common", "owners")
USER_REHASH = _script("user_rehash")
OWNER_LEAVE = _script("owner_leave")
ATTEMPT = _script("attempt")
ATTEMPT_COUNTED = _script("attempt_counted")
ATTEMPT_FAILED = _script("attempt_failed", "common")
UNLOCK = _script("unlock", "common")
REPLACE = _script("replace")
RELEASE = _script("release")

ALL = tuple(value for value in list(globals().values()) if isinstance(value, Script))

"""One word per thing: the words that the glossary bans do not appear, whatever they are part of.

They may stand in what other products say on the wire (`clients/`, `login/`), and where a standard
has given the name: `sid` in a JWT is the standard's word for what we call the handle.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.rules.source import files, relative, report

BANNED = ("session_id", "sid", "ticket", "downstream", "backend", "whitelist", "blacklist", "sudo")
# A word ends where no letter follows, so that `sid` is found in `user_sid` and not in `inside`.
WORDS = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(BANNED)})s?(?![A-Za-z])", re.IGNORECASE)
SPOKEN = re.compile(r"\blog(?:ged|ging)?[ -](?:in|out)\b", re.IGNORECASE)
"""Verbs that people would read: we say sign in, sign out."""

STANDARD = re.compile(r"idp_sid|default_backend|[\"'`]sid[\"'`]")
"""The provider's session id; a name of `cryptography`; the registered claim of JWTs."""

OF_OTHERS = ("sidecar/clients/", "sidecar/login/")
SHOWN = (".html", ".j2", ".js", ".json")
SUFFIXES = (".py", ".js", ".json", ".lua", ".css", ".html", ".j2", ".toml")


def banned_in(name: str, text: str) -> Iterator[str]:
    """Yield each banned word with its place. name: the path of the file in the project."""
    if name.startswith(OF_OTHERS) and name.endswith(".py"):
        return
    for number, line in enumerate(text.splitlines(), start=1):
        own = STANDARD.sub("", line)
        spoken = SPOKEN.finditer(own) if name.endswith(SHOWN) else ()
        for match in (*WORDS.finditer(own), *spoken):
            yield f"{name}:{number} says {match.group()!r}"


def source_files() -> Iterator[Path]:
    """Yield all that we say; what tests send and expect is somebody else's speech."""
    return files(*SUFFIXES, folders=("admin_ui", "deploy", "policies", "sidecar"))


def test_given_everything_we_say_when_it_is_read_then_no_banned_word_is_in_it():
    texts = {relative(path): path.read_text(encoding="utf-8") for path in source_files()}

    found = [fault for name, text in texts.items() for fault in banned_in(name, text)]

    assert not found, report(found)


def test_given_lines_with_banned_words_when_they_are_read_then_each_is_found():
    lines = [
        "session_id = 1",
        "def end(user_session_id): ...",
        "sid = cookie.value",
        "for sids in found:",
        'log.info("Ticket issued")',
        "// the downstream server",
        "BACKEND_URL = None",
        "local whitelist = {}",
        "sudo_until = now",
        "<p>Please log in again.</p>",
        '"You were logged out."',
    ]

    found = [line for line in lines if list(banned_in("admin_ui/words.js", line))]

    assert found == lines


def test_given_lines_that_only_look_alike_when_they_are_read_then_none_is_found():
    lines = ["inside = residual", '{"sid": handle}', "idp_sid: str", "sidecar", "sessionId", "log"]

    found = [line for line in lines if list(banned_in("sidecar/core/words.py", line))]

    assert not found


def test_given_wire_names_of_others_when_their_adapters_are_read_then_they_are_theirs_to_use():
    found = list(banned_in("sidecar/clients/other.py", "session_id = answer['session_id']"))

    assert not found

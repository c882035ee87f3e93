"""What the upstream is told about the person: identity headers, and the claims of the assertion.

A value that is plain printable ASCII is written as it is. Any other is written as RFC 8187 says,
`UTF-8''` and percent-encoded, and so is one that already begins like that: two people never look
alike, and nothing in a name can end a line or a list. Values that are too long for a header are
left out, never cut, since half a name could be somebody else's; of groups, only whole ones that
fit are written (ASVS 4.2.5). The assertion's JSON needs no encoding and has the same groups.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote

from sidecar.core.session import Session

ASSERTION_LIFETIME = timedelta(seconds=60)
_LONGEST_VALUE = 1024
_LONGEST_GROUPS = 4096
_MARK = "UTF-8''"
_PLAIN = frozenset(map(chr, range(0x20, 0x7F)))
_TABLE_SIZE = 1024

_Person = tuple[str, str, tuple[str, ...], str]
_blocks: dict[_Person, bytes] = {}


def identity_block(session: Session) -> bytes:
    """Return the identity headers of a session's person, each line with its CRLF.

    A person without an e-mail address or groups has no such header; one that acts by software has
    a line for it. Kept in a bounded table.
    """
    agent = session.agent
    person = (session.username, session.email, session.groups, agent.name if agent else "")
    block = _blocks.get(person)
    if block is None:
        if len(_blocks) >= _TABLE_SIZE:
            _blocks.clear()
        block = _blocks[person] = _write(person)
    return block


def assertion_claims(
    session: Session, issuer: str, audience: str, now: datetime
) -> Mapping[str, object]:
    """Return what the signed assertion says at `now`. Wire names are those of RFC 7519, and of
    RFC 8693 for software that acts for the person: both are named, nobody is impersonated."""
    agent = session.agent
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "aud": audience,
        "sub": session.user_id,
        "sid": session.handle,
        "username": session.username,
        "email": session.email,
        "groups": list(_fitting(session.groups)),
        "role": session.role.word,
        **({"act": {"sub": session.handle, "name": agent.name}} if agent else {}),
        "iat": issued,
        "exp": issued + int(ASSERTION_LIFETIME.total_seconds()),
    }


def encode_value(text: str, reserved: str = "") -> str:
    """Return the one printable ASCII form of a text in a header; no two texts share one.

    reserved: further characters that must not appear, such as the comma in a list.
    """
    plain = (
        _PLAIN.issuperset(text)
        and text == text.strip(" ")
        and not text[: len(_MARK)].upper().startswith(_MARK)
        and not any(character in text for character in reserved)
    )
    return text if plain else _MARK + quote(text, safe="", errors="surrogatepass")


def _write(person: _Person) -> bytes:
    username, email, groups, agent = person
    name = encode_value(username)
    lines = {
        "X-Forwarded-User": name,
        "X-Forwarded-Preferred-Username": name,
        "X-Forwarded-Email": encode_value(email),
        "X-Forwarded-Groups": ",".join(encode_value(group, ',"') for group in _fitting(groups)),
        "X-Forwarded-Actor": encode_value(agent),
    }
    return "".join(
        f"{field}: {value}\r\n"
        for field, value in lines.items()
        if value and len(value) <= (_LONGEST_GROUPS if "Groups" in field else _LONGEST_VALUE)
    ).encode("ascii")


def _fitting(groups: tuple[str, ...]) -> tuple[str, ...]:
    """Return the first groups that fit the header together, so that both forms say the same."""
    fitting: list[str] = []
    length = 0
    for group in groups:
        if not group:
            continue
        length += len(encode_value(group, ',"')) + bool(fitting)
        if length > _LONGEST_GROUPS:
            break
        fitting.append(group)
    return tuple(fitting)

"""How records become bytes: sessions and tombstones. The only place where instants are numbers.

A session's key holds one JSON array, short because there is one for each session, and plain
because the Lua scripts read it too:

    live:  [1, created, authenticated, hash, user, name, role, kind, display name, e-mail, groups,
            address, user agent, label, browser, os, type, method, previous hash, previous until,
            canonical name, lifetime, agent's name, scopes, parent]
    ended: [-1, ended, reason, user, hash]

Instants are epoch milliseconds, UTC; authenticated and previous until count from created. Groups
are one text, joined by line ends: cjson cannot tell an empty list from an empty object. Empty means
the usual one: a browser, its label from browser and system, a desktop, a password. The canonical
name is there only if it differs from the name, or something follows it: the scripts could not find
it by themselves. The last four are those of agents; scopes are joined like groups.

The first item is the version. A new version appends items, so that N and N-1 read each other:
readers take what they know, give the rest its default, and keep what they do not know when they
write (the scripts decode and encode whole arrays).
"""

import json
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Agent, Device, Handle, Kind, Session
from sidecar.core.users import Role, UserId, canonical_name

VERSION = 1
NEWEST_READABLE = VERSION + 1

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_ITEMS = 20
_LEAST = 18
"""Items up to the method are always there: a script that rotates sets the two behind them."""
_KIND, _TYPE, _METHOD = "browser", "desktop", "password"
_read = msgspec.json.Decoder(list[Any]).decode


def to_ms(instant: datetime) -> int:
    """Return the epoch milliseconds of an aware instant, exactly."""
    return (instant - _EPOCH) // _MILLISECOND


def from_ms(milliseconds: float) -> datetime:
    """Return the aware instant."""
    return _EPOCH + int(milliseconds) * _MILLISECOND


def span_ms(span: timedelta) -> int:
    return span // _MILLISECOND


def encode(session: Session) -> bytes:
    """Return the record of a live session. last_active_at has a key of its own."""
    device = session.device
    previous = session.previous_until
    items: list[str | int] = [
        VERSION,
        to_ms(session.created_at),
        span_ms(session.authenticated_at - session.created_at),
        hash_text(session.secret_hash),
        session.user_id,
        session.username,
        int(session.role),
        _unless(session.kind.value, _KIND),
        session.display_name,
        session.email,
        "\n".join(session.groups),
        session.ip_address,
        session.user_agent,
        _unless(device.label, label_of(device.browser, device.os)),
        device.browser,
        device.os,
        _unless(device.type, _TYPE),
        _unless(session.auth_method, _METHOD),
        hash_text(session.previous_hash),
        span_ms(previous - session.created_at) if previous else 0,
    ]
    canonical = canonical_name(session.username)
    if (agent := session.agent) is not None:
        lifetime = span_ms(agent.expires_at - session.created_at)
        own = (lifetime, agent.name, "\n".join(agent.scopes), agent.parent or "")
        return dump([*items, canonical, *own])
    if canonical != session.username:
        return dump([*items, canonical])
    return dump(items if previous else items[:_LEAST])


def decode(handle: Handle, record: bytes, last_active: bytes | None) -> Session | Tombstone:
    """Return what the bytes say. Raises ValueError when they are not ours to read.

    A live record without its last-active counts as not used since it was opened: that ends it
    no later than it should.
    """
    try:
        items = _read(record)
        version = items[0]
        if not 1 <= abs(version) <= NEWEST_READABLE:
            raise ValueError("a version that this program does not read")
        if version < 0:
            return Tombstone(
                reason_of(items[2]), from_ms(items[1]), UserId(items[3]), _decode_hash(items[4])
            )
        return _session(handle, items, last_active)
    except (TypeError, IndexError, KeyError, msgspec.DecodeError) as error:
        raise ValueError("not a session's record") from error


def _session(handle: Handle, items: list[Any], last_active: bytes | None) -> Session:
    if len(items) < _LEAST:
        raise ValueError("a record that ends too early")
    created, browser, system = items[1], items[14], items[15]
    rotated = len(items) >= _ITEMS and items[18] != ""
    address = items[11]
    active, last_address = read_last_active(last_active, created, address)
    return Session(
        handle=handle,
        secret_hash=_decode_hash(items[3]),
        user_id=UserId(items[4]),
        username=items[5],
        role=Role(items[6]),
        created_at=from_ms(created),
        last_active_at=from_ms(active),
        authenticated_at=from_ms(created + items[2]),
        kind=Kind(items[7] or _KIND),
        display_name=items[8],
        email=items[9],
        groups=split_groups(items[10]),
        ip_address=address,
        last_ip_address=last_address,
        user_agent=items[12],
        device=Device(items[13] or label_of(browser, system), browser, system, items[16] or _TYPE),
        auth_method=items[17] or _METHOD,
        previous_hash=_decode_hash(items[18]) if rotated else b"",
        previous_until=from_ms(created + items[19]) if rotated else None,
        agent=_agent(created, items) if len(items) > _ITEMS + 1 else None,
    )


def _agent(created: int, items: list[Any]) -> Agent:
    lifetime, name, scopes, parent = items[_ITEMS + 1 :][:4]
    expires_at = from_ms(created + lifetime)
    return Agent(name, tuple(scopes.split("\n")), expires_at, Handle(parent) if parent else None)


def read_last_active(raw: bytes | None, created: int, address: str) -> tuple[int, str]:
    """Return when a session was last active, epoch milliseconds, and from where. Without the
    bytes: at its creation; without an address in them: from that of its creation."""
    if not raw:
        return created, address
    try:
        return int(raw), address
    except ValueError:
        first, _, last_address = raw.decode().partition(" ")
        return int(first), last_address


def split_groups(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def dump(value: object) -> bytes:
    """Return compact JSON in UTF-8. Text that cannot be UTF-8 was refused on arrival."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def hash_text(digest: bytes) -> str:
    """Return a hash as records hold it: base64 without padding."""
    return b64encode(digest).rstrip(b"=").decode("ascii")


def label_of(browser: str, system: str) -> str:
    """Return what a device is usually called."""
    return f"{browser} on {system}" if browser and system else "Unknown device"


def _unless(text: str, usual: str) -> str:
    return "" if text == usual else text


def reason_of(word: str) -> Ended:
    """Return the reason; one that only a newer version knows reads as revoked."""
    try:
        return Ended(word)
    except ValueError:
        return Ended.REVOKED


def _decode_hash(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4), validate=True)

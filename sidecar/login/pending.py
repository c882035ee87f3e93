"""Sign-ins by a provider that are under way in one browser: all of them in one bounded cookie.

Each tab that signs in has an entry; the oldest gives way to a new one. An entry holds no secret:
nonce and PKCE verifier follow from its state and a key of ours, and the whole is under a MAC of
that key, so that nobody can plant one (cases S-84, S-85; RFC 7636; OpenID Connect Core 15.5.2).
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sidecar.core.return_to import HOME
from sidecar.core.session import Handle
from sidecar.login.provider import Flow

LASTS = timedelta(minutes=10)
"""How long somebody may take at the provider."""
MOST = 6
LARGEST = 3072
_LONGEST_WAY_BACK = 600


@dataclass(frozen=True, slots=True)
class Pending:
    """One sign-in under way. state: 128 random bits, as text. end_session: chosen at the cap.
    fresh: they have to prove who they are anew."""

    state: str
    provider: str
    begun_at: datetime
    return_to: str = HOME
    end_session: Handle | None = None
    fresh: bool = False

    def is_open(self, now: datetime) -> bool:
        return self.begun_at <= now + LASTS and now < self.begun_at + LASTS


def flow_of(pending: Pending, key: bytes) -> Flow:
    """Return what goes to the provider with it. key: that of the cookie it was in."""
    return Flow(
        state=pending.state,
        nonce=_derived(key, "nonce", pending.state),
        verifier=_derived(key, "verifier", pending.state),
        fresh=pending.fresh,
    )


def write_pending(entries: Sequence[Pending], key_id: str, key: bytes) -> str:
    """Return the cookie's value: the newest entries that fit, the newest last."""
    kept = list(entries[-MOST:])
    while True:
        content = _text(json.dumps([_item(one) for one in kept], separators=(",", ":")).encode())
        if len(content) <= LARGEST or not kept:
            break
        del kept[0]
    signed = f"{key_id}.{content}"
    return f"{signed}.{_mac(key, signed)}"


def read_pending(
    value: str | None, keys: Mapping[str, bytes], now: datetime
) -> tuple[tuple[Pending, ...], str]:
    """Return the entries that are still open, and the id of their key."""
    if value is None or len(value) > LARGEST + 128 or not value.isascii():
        return (), ""
    signed, _, mac = value.rpartition(".")
    key_id, _, content = signed.partition(".")
    key = keys.get(key_id)
    if key is None or not hmac.compare_digest(_mac(key, signed), mac):
        return (), ""
    entries = (_entry(item) for item in json.loads(_bytes(content)))
    return tuple(one for one in entries if one.is_open(now)), key_id


def _item(one: Pending) -> list[Any]:
    way_back = one.return_to if len(one.return_to) <= _LONGEST_WAY_BACK else HOME
    begun = int(one.begun_at.timestamp())
    return [one.state, one.provider, begun, way_back, one.end_session or "", int(one.fresh)]


def _entry(item: list[Any]) -> Pending:
    state, provider, begun, way_back, end_session, fresh = item
    return Pending(
        state=state,
        provider=provider,
        begun_at=datetime.fromtimestamp(begun, UTC),
        return_to=way_back,
        end_session=Handle(end_session) if end_session else None,
        fresh=bool(fresh),
    )


def _derived(key: bytes, purpose: str, state: str) -> str:
    return _text(hmac.digest(key, f"pending.{purpose}.{state}".encode("ascii"), "sha256"))


def _mac(key: bytes, signed: str) -> str:
    return _text(hmac.digest(key, f"pending.cookie.{signed}".encode("ascii"), "sha256"))


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))

"""A ring of keys as a value: which is used, which are still good, and what rotating makes of it."""

import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from sidecar.store.codec import from_ms, to_ms
from sidecar.store.signing import CURVE, SigningKey

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True, slots=True)
class RingKey:
    """secret: 32 bytes; for ES256 the private number of the curve. until: None while in use."""

    key_id: str
    secret: bytes
    since: datetime
    until: datetime | None = None

    def __repr__(self) -> str:
        return f"RingKey({self.key_id!r})"

    def is_good(self, now: datetime) -> bool:
        return self.until is None or now < self.until

    def es256(self) -> SigningKey:
        """Return the signing key that the secret stands for."""
        return SigningKey(self.key_id, self.secret)


@dataclass(frozen=True, slots=True)
class Ring:
    """Keys from the oldest to the newest; never empty once read."""

    macs: tuple[RingKey, ...]
    signing: tuple[RingKey, ...]

    @classmethod
    def first(cls, now: datetime) -> "Ring":
        return cls((_mac_key(now),), (_signing_key(now),))

    def current_mac(self, now: datetime) -> RingKey:
        return _current(self.macs, now)

    def current_signing(self, now: datetime) -> RingKey:
        return _current(self.signing, now)

    def is_due(self, before: datetime) -> bool:
        """Say whether the newest key is in use since before `before`."""
        return self.macs[-1].since < before

    def rotated(self, now: datetime, since: datetime, lifetime: timedelta) -> "Ring":
        """Return the ring with new keys, used from `since`, and without those that are over."""
        until = since + lifetime
        return Ring(
            (*_retired(self.macs, now, until), _mac_key(since)),
            (*_retired(self.signing, now, until), _signing_key(since)),
        )

    def to_json(self) -> dict[str, Any]:
        return {"v": 1, "mac": _dump(self.macs), "signing": _dump(self.signing)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Ring":
        return cls(_load(content["mac"]), _load(content["signing"]))


def _current(keys: tuple[RingKey, ...], now: datetime) -> RingKey:
    for key in reversed(keys):
        if key.since <= now:
            return key
    return keys[0]


def _retired(keys: tuple[RingKey, ...], now: datetime, until: datetime) -> list[RingKey]:
    return [key if key.until else replace(key, until=until) for key in keys if key.is_good(now)]


def _mac_key(since: datetime) -> RingKey:
    return RingKey(_key_id(), secrets.token_bytes(32), since)


def _signing_key(since: datetime) -> RingKey:
    number = ec.generate_private_key(CURVE).private_numbers().private_value
    return RingKey(_key_id(), number.to_bytes(32, "big"), since)


def _key_id() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(6))


def _dump(keys: tuple[RingKey, ...]) -> list[list[str | int]]:
    return [
        [
            key.key_id,
            b64encode(key.secret).decode(),
            to_ms(key.since),
            to_ms(key.until) if key.until else 0,
        ]
        for key in keys
    ]


def _load(items: list[list[Any]]) -> tuple[RingKey, ...]:
    return tuple(
        RingKey(
            item[0], b64decode(item[1]), from_ms(item[2]), from_ms(item[3]) if item[3] else None
        )
        for item in items
    )

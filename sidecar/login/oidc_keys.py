"""The public keys of a provider: asked for, kept, and asked for again when it has new ones.

A token that names a key nobody knows may be of a key that is new, or made up: so such a token has
the keys asked for again, and no more than once a minute, whoever sends how many (PROTOCOLS, back-
channel logout). Parsing and verifying is the library's.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey

from sidecar.core.ports import Clock
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_http import Answer

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)
USABLE = timedelta(hours=24)
"""How long keys count while the provider does not answer (case F-26)."""
AGAIN = timedelta(minutes=1)
"""How soon it is asked again, for an unknown key or because it did not answer."""
MOST_KEYS = 64
_LEAST_RSA_BITS = 2048

PublicKey = RSAKey | ECKey | OKPKey
_TYPES = {"R": "RSA", "P": "RSA", "E": "EC"}


def read_keys(document: Mapping[str, Any]) -> list[PublicKey]:
    """Return the keys that signatures are verified with; what is no such key is passed over."""
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ProviderUnavailable("no keys")
    found = (_key(one) for one in listed[:MOST_KEYS] if isinstance(one, dict))
    return [key for key in found if key is not None]


def _key(document: Mapping[str, Any]) -> PublicKey | None:
    if document.get("use", "sig") != "sig":
        return None
    try:
        key = JWKRegistry.import_key(dict(document))
    except (JoseError, ValueError, TypeError, KeyError):
        return None
    if isinstance(key, RSAKey) and key.public_key.key_size < _LEAST_RSA_BITS:
        return None
    return key if isinstance(key, RSAKey | ECKey | OKPKey) and not key.is_private else None


class ProviderKeys:
    """ask: gets the document with the keys, and raises ProviderUnavailable."""

    def __init__(self, ask: Callable[[], Awaitable[Answer]], clock: Clock) -> None:
        self._ask = ask
        self._clock = clock
        self._keys: list[PublicKey] = []
        self._read_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._asking = asyncio.Lock()

    async def find(self, key_id: str | None, algorithm: str) -> list[PublicKey]:
        """Return the keys that a token with this head may be signed with; none: it is not genuine.

        Raises ProviderUnavailable where that cannot be said.
        """
        async with self._asking:
            now = self._clock.now()
            if self._age(now) >= FRESH:
                await self._refresh(now)
            found = self._matching(key_id, algorithm)
            if not found and self._may_ask(now):
                await self._refresh(now)
                found = self._matching(key_id, algorithm)
            if self._age(now) >= USABLE:
                raise ProviderUnavailable("keys too old")
            return found

    def _matching(self, key_id: str | None, algorithm: str) -> list[PublicKey]:
        kind = _TYPES.get(algorithm[0], "OKP") if algorithm != "EdDSA" else "OKP"
        return [
            key
            for key in self._keys
            if key.key_type == kind
            and (key_id is None or key.kid == key_id)
            and key.get("alg") in (None, algorithm)
        ]

    def _age(self, now: datetime) -> timedelta:
        return timedelta.max if self._read_at is None else now - self._read_at

    def _may_ask(self, now: datetime) -> bool:
        return self._asked_at is None or now - self._asked_at >= AGAIN

    async def _refresh(self, now: datetime) -> None:
        """Ask, unless within the last minute; while nobody answers, what is known counts."""
        if not self._may_ask(now):
            return
        self._asked_at = now
        try:
            answer = await self._ask()
            if answer.status != 200:
                raise ProviderUnavailable(f"status {answer.status}")
            self._keys = read_keys(answer.body)
            self._read_at = now
        except ProviderUnavailable as fault:
            log.warning("provider_keys_unusable", extra={"why": str(fault)})

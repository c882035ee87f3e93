"""The keys that all replicas share: MAC keys of the cookie, signing keys of the assertion.

They live in Redis, sealed (`seal.py`). The first replica makes them; each reads them again every
few seconds. A new key is accepted everywhere before anybody uses it, and an old one stays accepted
for the absolute lifetime after its last use, so that rotating signs nobody out.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from sidecar.core.ports import Clock, StoreUnavailable
from sidecar.store import scripts
from sidecar.store.background import end
from sidecar.store.codec import dump
from sidecar.store.database import Database
from sidecar.store.ring import Ring
from sidecar.store.seal import SealBroken, seal, unseal
from sidecar.store.signing import SigningKey

log = logging.getLogger(__name__)

REFRESH = timedelta(seconds=5)
ROTATE_AFTER = timedelta(days=30)
_PURPOSE = "keyring"


class KeyRingSealed(Exception):
    """The keys in Redis were sealed with another secret than that of `secret_file`."""


class KeyRing:
    """The keys as of the last look. accepted: all MAC keys that make a cookie genuine, by id.

    lifetime: the longest absolute lifetime that the policy allows.
    """

    def __init__(
        self, database: Database, secret: bytes, clock: Clock, lifetime: Callable[[], timedelta]
    ) -> None:
        self._database = database
        self._secret = secret
        self._clock = clock
        self._lifetime = lifetime
        self._raw = b""
        self._ring = Ring((), ())
        self._task: asyncio.Task[None] | None = None
        self._signing: dict[str, SigningKey] = {}
        self.accepted: Mapping[str, bytes] = MappingProxyType({})

    @property
    def current(self) -> tuple[str, bytes]:
        """The key that new cookies are made with, and its id."""
        key = self._ring.current_mac(self._clock.now())
        return key.key_id, key.secret

    @property
    def signing_key(self) -> SigningKey:
        """The key that new assertions are signed with."""
        return self._signing[self._ring.current_signing(self._clock.now()).key_id]

    @property
    def public_keys(self) -> list[Mapping[str, str]]:
        """What the JWKS route shows: every key that a good assertion may be signed with."""
        return [key.public for key in self._signing.values()]

    async def start(self) -> None:
        """Read the keys, or make the first ones; read them again from now on.

        Raises StoreUnavailable and KeyRingSealed.
        """
        await self.refresh()
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await end(self._task)

    async def refresh(self) -> None:
        """Take over what Redis holds now. Raises StoreUnavailable and KeyRingSealed."""
        key = self._database.keys.keyring
        raw = await self._database.command("GET", key)
        if raw is None:
            # A store that lost everything gets back the keys that are in use: with new ones, what
            # one replica signs in the next seconds would be garbage to the others.
            ours = self._raw or self._sealed(Ring.first(self._clock.now()))
            await self._database.command("SET", key, ours, "NX")
            raw = await self._database.command("GET", key)
        self._take(raw)

    async def rotate(self) -> None:
        """Add new keys of both kinds; they are used once every replica knows them."""
        while True:
            await self.refresh()
            if await self._replace():
                return

    async def _replace(self) -> bool:
        now = self._clock.now()
        ring = self._ring.rotated(now, now + 2 * REFRESH, self._lifetime())
        sealed = self._sealed(ring)
        keys = [self._database.keys.keyring]
        if not await self._database.run_on(scripts.REPLACE, keys, self._raw, sealed):
            return False  # another replica was first
        self._take(sealed)
        log.info("keys_rotated", extra={"key_id": ring.macs[-1].key_id})
        return True

    def _take(self, raw: bytes) -> None:
        now = self._clock.now()
        if raw != self._raw:
            try:
                content = json.loads(unseal(self._secret, _PURPOSE, raw))
            except SealBroken as error:
                raise KeyRingSealed(
                    "the keys in Redis were sealed with another secret: "
                    "give the secret_file that was used first"
                ) from error
            self._ring = Ring.from_json(content)
            self._raw = raw
        self._publish(now)

    def _publish(self, now: datetime) -> None:
        self.accepted = MappingProxyType(
            {key.key_id: key.secret for key in self._ring.macs if key.is_good(now)}
        )
        known = self._signing
        self._signing = {
            key.key_id: known.get(key.key_id) or key.es256()
            for key in self._ring.signing
            if key.is_good(now)
        }

    def _sealed(self, ring: Ring) -> bytes:
        return seal(self._secret, _PURPOSE, dump(ring.to_json()))

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(REFRESH.total_seconds() * (0.75 + secrets.randbelow(50) / 100))
            try:
                await self.refresh()
                if self._ring.is_due(self._clock.now() - ROTATE_AFTER):
                    await self._replace()
            except KeyRingSealed:
                log.error("keys_sealed_with_another_secret")
            except StoreUnavailable:
                continue

"""Challenges: what is asked for after a right password, kept until it is answered, once.

The key is a hash of the text that answers it, the value is sealed: who reads Redis learns neither
whose it is nor the secret of an app that is being set up, and can answer none.
"""

import json
import re
import secrets
from base64 import b64decode, b64encode
from hashlib import sha256
from typing import Any

from sidecar.core.factors import Challenge
from sidecar.core.session import Handle
from sidecar.core.users import UserId
from sidecar.store.codec import dump, from_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.seal import SealBroken, seal, unseal

_PURPOSE = "challenge"
_TEXT = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Challenges:
    """The part of `StoredFactors` that is about challenges. Raises StoreUnavailable."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._asked_in = database
        self._sealed_by = secret

    async def give_challenge(self, challenge: Challenge) -> str:
        text = secrets.token_urlsafe(32)
        until = to_ms(challenge.expires_at)
        content = {
            "p": challenge.purpose,
            "u": challenge.user_id,
            "n": challenge.password_number,
            "t": until,
            "e": challenge.end_session,
            "s": b64encode(challenge.secret).decode("ascii"),
        }
        sealed = seal(self._sealed_by, _PURPOSE, dump(content))
        await self._asked_in.command("SET", self._key(text), sealed, "PXAT", until)
        return text

    async def take_challenge(self, text: str) -> Challenge | None:
        if not _TEXT.fullmatch(text):
            return None
        sealed = await self._asked_in.command("GETDEL", self._key(text))
        if sealed is None:
            return None
        try:
            content: dict[str, Any] = json.loads(unseal(self._sealed_by, _PURPOSE, sealed))
        except SealBroken:
            return None
        return Challenge(
            purpose=content["p"],
            user_id=UserId(content["u"]),
            password_number=content["n"],
            expires_at=from_ms(content["t"]),
            end_session=Handle(content["e"]) if content["e"] else None,
            secret=b64decode(content["s"]),
        )

    def _key(self, text: str) -> str:
        digest = sha256(text.encode("ascii")).hexdigest()[:32]
        return f"{self._asked_in.keys.base(0)}challenge:{digest}"

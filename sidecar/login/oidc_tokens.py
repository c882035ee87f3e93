"""Which tokens of a provider are genuine, for us, and of now: ID tokens and logout tokens.

Signatures and registered claims are verified by a library; here is what each kind of token must say
besides. Expected outcomes are values: `NotProven` with a word for the log.
Source: OpenID Connect Core 1.0, sections 3.1.3.7 and 12.2; Back-Channel Logout 1.0, section 2.6.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry, extract_compact
from joserfc.jwt import JWTClaimsRegistry, decode

from sidecar.core.ports import Clock
from sidecar.login.oidc_keys import ProviderKeys
from sidecar.login.provider import NotProven

LARGEST_TOKEN = 16 * 1024
LEEWAY = 60
"""Seconds that the clocks may differ."""
OLDEST_LOGOUT = timedelta(minutes=10)
"""A logout token that was made longer ago is none any more, whatever it says."""
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_LONGEST = 255
_ID_TYPES = frozenset({None, "jwt"})
_LOGOUT_TYPE = "logout+jwt"

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Audience:
    """Whose tokens are meant: of which issuer, for which client."""

    issuer: str
    client_id: str


class Tokens:
    """Verifies. Every method raises ProviderUnavailable where the keys cannot be had."""

    def __init__(
        self, audience: Audience, keys: ProviderKeys, clock: Clock, algorithms: Collection[str]
    ) -> None:
        self._audience = audience
        self._keys = keys
        self._clock = clock
        self._registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        self._algorithms = frozenset(algorithms)

    async def id_token(
        self, token: str, nonce: str, max_age: timedelta | None = None
    ) -> Claims | NotProven:
        """Return what the ID token says. max_age: how long ago they may have proved it."""
        claims = await self._genuine(token, _ID_TYPES, nonce={"essential": True, "value": nonce})
        if isinstance(claims, NotProven):
            return claims
        audiences, party = claims["aud"], claims.get("azp")
        several = isinstance(audiences, list) and len(audiences) > 1
        if (several or party is not None) and party != self._audience.client_id:
            return NotProven("azp")
        if not _is_text(claims.get("sub")):
            return NotProven("sub")
        if "sid" in claims and not _is_text(claims["sid"]):
            return NotProven("sid")
        if max_age is not None and not self._is_recent(claims.get("auth_time"), max_age):
            return NotProven("auth_time")
        return claims

    async def logout_token(self, token: str, *, require_type: bool) -> Claims | NotProven:
        """Return what the logout token says. require_type: its head has to say that it is one."""
        types = {_LOGOUT_TYPE} if require_type else {*_ID_TYPES, _LOGOUT_TYPE}
        claims = await self._genuine(token, types, jti={"essential": True})
        if isinstance(claims, NotProven):
            return claims
        if "nonce" in claims:  # an ID token, which anybody may have who is signed in
            return NotProven("nonce")
        events = claims.get("events")
        if not isinstance(events, dict) or not isinstance(events.get(LOGOUT_EVENT), dict):
            return NotProven("events")
        if claims.get("sub") is None and claims.get("sid") is None:
            return NotProven("sub")
        if any(name in claims and not _is_text(claims[name]) for name in ("sub", "sid", "jti")):
            return NotProven("sub")
        if claims["iat"] < self._now() - OLDEST_LOGOUT.total_seconds():
            return NotProven("iat")
        return claims

    async def _genuine(
        self, token: str, types: Collection[str | None], **more: Any
    ) -> Claims | NotProven:
        """Return the claims of a token that is signed by the provider, for us, and good now."""
        if len(token) > LARGEST_TOKEN or not token.isascii():
            return NotProven("size")
        try:
            head = extract_compact(token.encode("ascii"), registry=self._registry).headers()
        except (JoseError, ValueError):
            return NotProven("form")
        algorithm, kind, key_id = head.get("alg"), head.get("typ"), head.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms:
            return NotProven("alg")
        if not _is_type(kind, types):
            return NotProven("typ")
        if key_id is not None and not isinstance(key_id, str):
            return NotProven("kid")
        for key in await self._keys.find(key_id, algorithm):
            try:
                claims = decode(token, key, registry=self._registry).claims
            except (JoseError, ValueError):
                continue
            return self._checked(claims, more)
        return NotProven("signature")

    def _checked(self, claims: dict[str, Any], more: Mapping[str, Any]) -> Claims | NotProven:
        registry = JWTClaimsRegistry(
            now=self._now(),
            leeway=LEEWAY,
            iss={"essential": True, "value": self._audience.issuer},
            aud={"essential": True, "value": self._audience.client_id},
            exp={"essential": True},
            iat={"essential": True},
            **more,
        )
        try:
            registry.validate(claims)
        except JoseError as fault:
            return NotProven(str(getattr(fault, "claim", None) or "claims")[:40])
        if claims["iat"] <= 0:
            return NotProven("iat")
        return claims

    def _is_recent(self, at: object, max_age: timedelta) -> bool:
        if isinstance(at, bool) or not isinstance(at, int | float):
            return False
        return at >= self._now() - max_age.total_seconds() - LEEWAY

    def _now(self) -> int:
        return int(self._clock.now().timestamp())


def _is_type(kind: object, types: Collection[str | None]) -> bool:
    if kind is None:
        return None in types
    return isinstance(kind, str) and kind.lower().removeprefix("application/") in types


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST and value.isprintable()

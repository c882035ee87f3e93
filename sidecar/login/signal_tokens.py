"""Signals as signed tokens: which are genuine, for us, and of now.

The keys are in a file, so that no address is asked for any. All that a token says is either one of
the registered claims below or a member of the signal: what was signed for something else, such as
an ID token, has claims that no signal has, and is refused for it.
Source: RFC 7519, section 4.1; RFC 8725, sections 3.1, 3.8 to 3.11.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from joserfc.jwt import ClaimsOption, JWTClaimsRegistry, decode

from sidecar.core.signals import AHEAD, LARGEST, Act, Doubt, Signal, is_timely
from sidecar.login.oidc_keys import PublicKey, read_keys
from sidecar.login.provider import ProviderUnavailable

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
"""Those with a public key."""
_TYPES = frozenset({"", "jwt", "signal+jwt"})
_REGISTERED = frozenset({"iss", "aud", "iat", "exp", "nbf", "jti"})
_LONGEST = 255
_LEAST_RSA_BITS = 2048


@dataclass(frozen=True, slots=True)
class SignedTokens:
    """A source that signs with a key of its own. audience: what its tokens have to be for.
    issuer: who they have to be from; empty: the key says enough."""

    name: str
    keys: Sequence[PublicKey] = field(repr=False)
    audience: str
    issuer: str = ""
    may: frozenset[Act] = frozenset({"user", "session"})
    media_type: str = "application/jwt"

    def read(self, head: Mapping[str, str], body: bytes, now: datetime) -> Signal | Doubt:
        """Return what the token says. head: of no use here, all is in the token."""
        del head
        claims = self._genuine(body) if len(body) <= LARGEST and body.isascii() else None
        if claims is None or not self._is_ours(claims):
            return Doubt.NOT_GENUINE
        if not _is_good(claims, now):
            return Doubt.UNTIMELY
        rest = {name: value for name, value in claims.items() if name not in _REGISTERED}
        return Signal(claims["jti"], json.dumps(rest).encode())

    def _genuine(self, body: bytes) -> dict[str, Any] | None:
        registry = JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False)
        for key in self.keys:
            try:
                token = decode(body.strip(), key, registry=registry)
            except (JoseError, ValueError, TypeError):
                continue
            if str(token.header.get("typ", "")).lower() in _TYPES:
                return token.claims
        return None

    def _is_ours(self, claims: dict[str, Any]) -> bool:
        issuer: ClaimsOption = {"essential": True, "value": self.issuer} if self.issuer else {}
        registry = JWTClaimsRegistry(
            now=0, iss=issuer, aud={"essential": True, "value": self.audience}
        )
        named: dict[str, Any] = {name: claims[name] for name in ("iss", "aud") if name in claims}
        try:
            registry.validate(named)
        except JoseError:
            return False
        jti = claims.get("jti")
        return isinstance(jti, str) and 0 < len(jti) <= _LONGEST


def _is_good(claims: Mapping[str, Any], now: datetime) -> bool:
    at, until, since = (_instant(claims.get(name, default)) for name, default in _TIMES)
    if at is None or until is None or since is None:
        return False
    made = datetime.fromtimestamp(at, UTC)
    seconds = now.timestamp()
    return is_timely(made, now) and seconds < until and since <= seconds + AHEAD.total_seconds()


_TIMES = (("iat", None), ("exp", None), ("nbf", 0))


def _instant(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if 0 <= value < 2**35 else None


def read_public_keys(text: str) -> tuple[PublicKey, ...]:
    """Return the public keys of a file: a JWK set, one JWK, or PEM. Raises ValueError that says
    what is wrong."""
    try:
        if text.lstrip().startswith("-----BEGIN"):
            keys = [_pem(text)]
        else:
            document = json.loads(text)
            keys = list(read_keys(document if "keys" in document else {"keys": [document]}))
    except (JoseError, ProviderUnavailable, ValueError, TypeError):
        keys = []
    if not keys:
        raise ValueError("must hold public keys: a JWK set, a JWK or PEM; RSA of 2048 bits or more")
    return tuple(keys)


def _pem(text: str) -> PublicKey:
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            key = kind.import_key(text)
        except (JoseError, ValueError, TypeError):
            continue
        small = isinstance(key, RSAKey) and key.public_key.key_size < _LEAST_RSA_BITS
        if not key.is_private and not small:
            return key
    raise ValueError("no public key")

"""The keys that assertions are signed with: ES256, as compact JWTs, and how others verify them.

Only signing happens here, and with one fixed algorithm, so that a few lines on `cryptography` do
what a library for all of JOSE would; reading tokens of others is another matter.
Source: RFC 7515 §3.1, §5.1; RFC 7518 §3.4, §6.2.1; RFC 7519 §7.1.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

CURVE = ec.SECP256R1()
_SIZE = 32
_ES256 = ec.ECDSA(SHA256())


class SigningKey:
    """One key with its id, the `kid`."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """secret: the private number of the curve P-256, 32 bytes."""
        self.key_id = key_id
        self._private = ec.derive_private_key(int.from_bytes(secret, "big"), CURVE)
        self._head = _part({"alg": "ES256", "kid": key_id, "typ": "JWT"}) + b"."

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id!r})"

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return the claims as a compact JWT."""
        signed = self._head + _part(claims)
        r, s = decode_dss_signature(self._private.sign(signed, _ES256))
        signature = r.to_bytes(_SIZE, "big") + s.to_bytes(_SIZE, "big")
        return (signed + b"." + _base64url(signature)).decode("ascii")

    @cached_property
    def public(self) -> Mapping[str, str]:
        """The JWK that verifies what this key signs."""
        point = self._private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _base64url(point.x.to_bytes(_SIZE, "big")).decode("ascii"),
            "y": _base64url(point.y.to_bytes(_SIZE, "big")).decode("ascii"),
            "kid": self.key_id,
            "use": "sig",
            "alg": "ES256",
        }


def _part(content: Mapping[str, object]) -> bytes:
    return _base64url(json.dumps(content, separators=(",", ":")).encode("ascii"))


def _base64url(raw: bytes) -> bytes:
    return urlsafe_b64encode(raw).rstrip(b"=")

"""The keys that assertions are signed with: ES256, as compact JWTs, and how others verify them.

Only writing is here, and that is little: a general library for JOSE brings X.509 and SSH along,
2 MB in each worker.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

CURVE = ec.SECP256R1()
_ALGORITHM = ec.ECDSA(SHA256())
_NUMBER = 32
"""Bytes of each number of the curve, whatever its value (RFC 7518 sections 3.4 and 6.2.1.2)."""


class SigningKey:
    """One key with its id, the `kid`."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """secret: the private number of the curve P-256, 32 bytes."""
        self.key_id = key_id
        self._key = ec.derive_private_key(int.from_bytes(secret, "big"), CURVE)
        self._head = _part({"alg": "ES256", "kid": key_id, "typ": "JWT"})

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id!r})"

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return the claims as a compact JWT. Source: RFC 7515 section 3.1."""
        signed = f"{self._head}.{_part(claims)}"
        numbers = decode_dss_signature(self._key.sign(signed.encode("ascii"), _ALGORITHM))
        return f"{signed}.{_base64(b''.join(map(_bytes, numbers)))}"

    @cached_property
    def public(self) -> Mapping[str, str]:
        """The JWK that verifies what this key signs."""
        point = self._key.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _base64(_bytes(point.x)),
            "y": _base64(_bytes(point.y)),
            "kid": self.key_id,
            "use": "sig",
            "alg": "ES256",
        }


def _part(content: Mapping[str, object]) -> str:
    return _base64(json.dumps(content, separators=(",", ":")).encode("ascii"))


def _bytes(number: int) -> bytes:
    return number.to_bytes(_NUMBER, "big")


def _base64(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")

"""The keys that assertions are signed with: ES256, as compact JWTs, and how others verify them.

A library for JWTs costs each worker 2 MB, most of it to read keys and tokens of others, which
nobody sends us. What is left to do is this: one header, one curve, one way to write a signature.
Source: RFC 7515 section 3.1 (compact form), RFC 7518 sections 3.4 (ES256) and 6.2.1 (public key).
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

CURVE = ec.SECP256R1()
_ES256 = ec.ECDSA(SHA256())
_SIZE = 32
"""Bytes of a coordinate and of each half of a signature, with the zeros that it begins with."""


class SigningKey:
    """One key with its id, the `kid`."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """secret: the private number of the curve P-256, 32 bytes."""
        self.key_id = key_id
        self._private = ec.derive_private_key(int.from_bytes(secret, "big"), CURVE)
        self._head = _encoded(_compact({"alg": "ES256", "kid": key_id, "typ": "JWT"}))

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id!r})"

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return the claims as a compact JWT."""
        signed = f"{self._head}.{_encoded(_compact(claims))}"
        r, s = decode_dss_signature(self._private.sign(signed.encode("ascii"), _ES256))
        return f"{signed}.{_encoded(_bytes(r) + _bytes(s))}"

    @cached_property
    def public(self) -> Mapping[str, str]:
        """The JWK that verifies what this key signs."""
        point = self._private.public_key().public_numbers()
        return {
            "kty": "EC",
            "crv": "P-256",
            "x": _encoded(_bytes(point.x)),
            "y": _encoded(_bytes(point.y)),
            "kid": self.key_id,
            "use": "sig",
            "alg": "ES256",
        }


def _compact(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode("ascii")


def _bytes(number: int) -> bytes:
    return number.to_bytes(_SIZE, "big")


def _encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")

"""The keys that assertions are signed with: ES256, as compact JWTs, and how others verify them."""

import json
from collections.abc import Mapping
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

CURVE = ec.SECP256R1()


class SigningKey:
    """One key with its id, the `kid`."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        """secret: the private number of the curve P-256, 32 bytes."""
        self.key_id = key_id
        private = ec.derive_private_key(int.from_bytes(secret, "big"), CURVE)
        self._key = ECKey.import_key(private, {"kid": key_id, "use": "sig", "alg": "ES256"})
        self._head = {"alg": "ES256", "kid": key_id, "typ": "JWT"}

    def __repr__(self) -> str:
        return f"SigningKey({self.key_id!r})"

    def sign(self, claims: Mapping[str, object]) -> str:
        """Return the claims as a compact JWT."""
        payload = json.dumps(claims, separators=(",", ":"))
        return jws.serialize_compact(self._head, payload, self._key)

    @cached_property
    def public(self) -> Mapping[str, str]:
        """The JWK that verifies what this key signs."""
        return {name: str(value) for name, value in self._key.as_dict(private=False).items()}

"""The key that seals of the audit log are signed with: Ed25519, one for the life of the log.

It lies in Redis beside the key ring, sealed by the same secret (`seal.py`), in a record of its own:
the keys of the ring come and go, and a program that rotates them must not take this one along.
Whoever wants to be sure of the log keeps the public key elsewhere.
"""

from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sidecar.store.database import Database
from sidecar.store.keyring import KeyRingSealed
from sidecar.store.seal import SealBroken, seal, unseal

_PURPOSE = "audit-key"


class NotAnAuditKey(Exception):
    """This is no public key of Ed25519 in PEM. One line for people."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """raw: its 32 bytes."""

    raw: bytes

    @property
    def key_id(self) -> str:
        """A short name: the beginning of its hash."""
        return sha256(self.raw).hexdigest()[:12]

    @property
    def pem(self) -> str:
        # Brings SSH along, 0.6 MB that a worker, which only signs, need not have.
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def is_good(self, content: bytes, signature: bytes) -> bool:
        """Say whether the key's holder signed this."""
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, content)
        except (InvalidSignature, ValueError):
            return False
        return True

    @classmethod
    def of_pem(cls, text: str) -> "PublicKey":
        """Raises NotAnAuditKey."""
        from cryptography.hazmat.primitives.serialization import load_pem_public_key

        try:
            key = load_pem_public_key(text.encode())
        except ValueError as error:
            raise NotAnAuditKey("that is no public key in PEM") from error
        if not isinstance(key, Ed25519PublicKey):
            raise NotAnAuditKey("that is no public key of Ed25519")
        return cls(key.public_bytes_raw())


class AuditKey:
    """The private key."""

    def __init__(self, secret: bytes) -> None:
        """secret: 32 bytes."""
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = PublicKey(self._key.public_key().public_bytes_raw())

    def __repr__(self) -> str:
        return f"AuditKey({self.public.key_id!r})"

    def sign(self, content: bytes) -> bytes:
        return self._key.sign(content)


class AuditKeys:
    """Gives the key; the first who asks makes it. A store that lost it gets back the one in use."""

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret
        self._raw = b""
        self._key: AuditKey | None = None

    async def current(self) -> AuditKey:
        """Return the key, made if there is none. Raises StoreUnavailable and KeyRingSealed."""
        name = self._database.keys.audit_key
        raw = await self._database.command("GET", name)
        if raw is None:
            await self._database.command("SET", name, self._raw or self._made(), "NX")
            raw = await self._database.command("GET", name)
        return self._opened(raw)

    async def there(self) -> AuditKey | None:
        """Return the key if there is one; make none. Raises as `current` does."""
        raw = await self._database.command("GET", self._database.keys.audit_key)
        return None if raw is None else self._opened(raw)

    def _made(self) -> bytes:
        secret = Ed25519PrivateKey.generate().private_bytes_raw()
        return seal(self._secret, _PURPOSE, secret)

    def _opened(self, raw: bytes) -> AuditKey:
        if self._key is None or raw != self._raw:
            try:
                self._key = AuditKey(unseal(self._secret, _PURPOSE, raw))
            except SealBroken as error:
                raise KeyRingSealed(
                    "the key of the audit log was sealed with another secret: "
                    "give the secret_file that was used first"
                ) from error
            self._raw = raw
        return self._key

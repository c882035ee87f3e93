"""The key of the seals: one for all replicas, sealed in Redis, and put back if it was lost."""

import asyncio

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from sidecar.store.audit_key import AuditKeys, NotAnAuditKey, PublicKey
from sidecar.store.keyring import KeyRingSealed
from tests.store.rig import Rig
from tests.store.sealing import SECRET


async def test_given_replicas_that_start_together_then_they_sign_with_one_key(rig: Rig) -> None:
    keys = [AuditKeys(rig.database, SECRET) for _ in range(5)]

    found = await asyncio.gather(*(each.current() for each in keys))

    assert len({key.public for key in found}) == 1
    assert found[0].public.is_good(b"seal", found[4].sign(b"seal"))
    assert not found[0].public.is_good(b"another", found[4].sign(b"seal"))


async def test_given_a_store_that_lost_the_key_then_the_one_in_use_is_put_back(rig: Rig) -> None:
    keys = AuditKeys(rig.database, SECRET)
    used = (await keys.current()).public
    await rig.database.command("DEL", rig.keys.audit_key)

    assert await AuditKeys(rig.database, SECRET).there() is None
    assert (await keys.current()).public == used
    assert (await AuditKeys(rig.database, SECRET).current()).public == used


async def test_given_another_secret_then_it_is_one_line_that_says_what_to_do(rig: Rig) -> None:
    key = await AuditKeys(rig.database, SECRET).current()

    with pytest.raises(KeyRingSealed, match="secret_file"):
        await AuditKeys(rig.database, b"t" * 32).current()
    assert key.public.raw not in await rig.database.command("GET", rig.keys.audit_key)


async def test_given_a_public_key_as_pem_then_it_is_read_back(rig: Rig) -> None:
    public = (await AuditKeys(rig.database, SECRET).current()).public

    assert PublicKey.of_pem(public.pem) == public
    assert public.pem.startswith("-----BEGIN PUBLIC KEY-----\n")


def test_given_what_is_no_key_of_a_log_then_it_is_refused() -> None:
    other = generate_private_key(SECP256R1()).public_key()
    pem = other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    for text in ("", "key", pem):
        with pytest.raises(NotAnAuditKey):
            PublicKey.of_pem(text)
    assert not PublicKey(bytes(32)).is_good(b"", b"")

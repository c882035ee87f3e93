"""The keys that all replicas share."""

import asyncio
from datetime import timedelta

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from sidecar.core.ports import StoreUnavailable
from sidecar.core.token import read_token, write_token
from sidecar.store.keyring import REFRESH, KeyRing, KeyRingSealed
from tests.store.rig import Rig
from tests.store.seeds import a_session


def a_ring(rig: Rig, secret: bytes = b"s" * 32) -> KeyRing:
    return KeyRing(rig.database, secret, rig.clock, lambda: timedelta(hours=24))


async def test_given_replicas_that_start_together_then_all_have_the_same_keys(rig: Rig) -> None:
    await rig.database.command("DEL", rig.keys.keyring)
    rings = [a_ring(rig) for _ in range(5)]

    await asyncio.gather(*(ring.refresh() for ring in rings))

    assert len({ring.current for ring in rings}) == 1
    assert len({ring.signing_key.key_id for ring in rings}) == 1


async def test_f08_given_the_store_lost_everything_then_the_keys_in_use_are_put_back(
    rig: Rig,
) -> None:
    other = a_ring(rig)
    await other.refresh()
    used = other.current
    await rig.database.command("FLUSHALL")

    await other.refresh()
    await rig.ring.refresh()

    assert other.current == rig.ring.current == used


async def test_given_redis_when_somebody_reads_it_then_the_keys_are_not_to_be_seen(
    rig: Rig,
) -> None:
    raw = await rig.database.command("GET", rig.keys.keyring)

    key_id, key = rig.ring.current
    assert key not in raw
    assert key_id.encode() not in raw


async def test_given_another_secret_then_it_is_one_line_that_says_what_to_do(rig: Rig) -> None:
    with pytest.raises(KeyRingSealed, match="secret_file"):
        await a_ring(rig, b"t" * 32).start()


async def test_given_a_rotation_then_tokens_of_before_and_after_are_genuine_everywhere(
    rig: Rig,
) -> None:
    other = a_ring(rig)
    await other.refresh()
    handle, secret = a_session().handle, "x" * 43
    before = write_token(handle, secret, *rig.ring.current)
    old = rig.ring.current

    await rig.ring.rotate()
    await other.refresh()

    assert rig.ring.current == old  # until every replica has read the new one
    assert len(other.accepted) == 2
    (new_id,) = set(rig.ring.accepted) - {old[0]}
    after = write_token(handle, secret, new_id, rig.ring.accepted[new_id])
    for ring in (rig.ring, other):
        assert read_token(before, ring.accepted) is not None
        assert read_token(after, ring.accepted) is not None
    assert timedelta(0) < 2 * REFRESH < timedelta(minutes=1)


async def test_given_replicas_that_rotate_together_then_no_key_is_lost(rig: Rig) -> None:
    rings = [a_ring(rig) for _ in range(4)]

    await asyncio.gather(*(ring.rotate() for ring in rings))

    await rig.ring.refresh()
    assert len(rig.ring.accepted) == 5


async def test_given_an_assertion_then_the_public_keys_prove_it_also_after_a_rotation(
    rig: Rig,
) -> None:
    signed = rig.ring.signing_key.sign({"sub": "u1"})
    await rig.ring.rotate()

    published = KeySet.import_key_set({"keys": [{**key} for key in rig.ring.public_keys]})

    assert jwt.decode(signed, published).claims == {"sub": "u1"}
    assert all("d" not in key for key in rig.ring.public_keys)


async def test_given_no_redis_when_it_starts_then_it_says_so() -> None:
    silent = Rig("unix:///nowhere")

    with pytest.raises(StoreUnavailable):
        await silent.ring.start()


async def test_given_a_started_ring_then_it_stops(rig: Rig) -> None:
    ring = a_ring(rig)
    await ring.start()

    await ring.stop()

    assert ring.current == rig.ring.current

"""Brakes on guessing, for names and for client addresses."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.policy import LockoutPolicy
from sidecar.store.throttle import network_of
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

QUARTER = timedelta(minutes=15)
SOMEBODY = Actor(ActorKind.USER, ip_address="192.0.2.7")


async def fail(rig: Rig, name: str = "alice", address: str = "192.0.2.7") -> bool:
    """Try once with a wrong password; say whether it was verified."""
    attempt = await rig.throttle.begin(name, address)
    if not attempt.locked:
        await rig.throttle.failed(name, None, SOMEBODY)
    return not attempt.locked


async def test_given_ten_failures_then_all_were_verified_and_the_eleventh_is_locked(
    rig: Rig,
) -> None:
    verified = [await fail(rig) for _ in range(10)]

    attempt = await rig.throttle.begin("alice", "192.0.2.7")

    assert all(verified)
    assert attempt.locked
    assert QUARTER - timedelta(seconds=5) < attempt.retry_after <= QUARTER
    until = await rig.throttle.locked_until("alice")
    assert until is not None
    assert rig.clock.now() < until <= rig.clock.now() + QUARTER
    assert rig.locks == 1
    actions = await rig.actions()
    assert actions == ["login.failed"] * 10 + ["user.locked"]


async def test_given_a_hundred_guesses_at_once_in_many_spellings_then_ten_are_verified(
    rig: Rig,
) -> None:
    spellings = ["alice", "Alice", "ALICE ", "Ａｌｉｃｅ"] * 25

    verified = await asyncio.gather(
        *(fail(rig, name, f"203.0.113.{index}") for index, name in enumerate(spellings))
    )

    assert sum(verified) == 10
    assert (await rig.actions()).count("user.locked") == 1


async def test_given_a_lock_when_attempts_go_on_then_they_do_not_prolong_it(rig: Rig) -> None:
    for _ in range(10):
        await fail(rig)
    key = rig.keys.failures("alice")
    await rig.database.command("PEXPIRE", key, 5000)

    for _ in range(5):
        assert not await fail(rig)

    assert int(await rig.database.command("PTTL", key)) <= 5000


async def test_given_nine_failures_when_one_succeeds_then_ten_more_may_fail(rig: Rig) -> None:
    for _ in range(9):
        await fail(rig)
    assert not (await rig.throttle.begin("alice", "192.0.2.7")).locked
    await rig.throttle.succeeded("alice", "192.0.2.7")

    verified = [await fail(rig) for _ in range(11)]

    assert verified == [True] * 10 + [False]


async def test_given_one_address_when_it_tried_a_hundred_names_then_it_is_held_back_for_all(
    rig: Rig,
) -> None:
    for number in range(100):
        assert await fail(rig, f"name{number}")

    attempt = await rig.throttle.begin("somebody", "192.0.2.7")

    assert attempt.locked
    assert attempt.retry_after <= QUARTER
    assert not (await rig.throttle.begin("somebody", "192.0.2.8")).locked


async def test_given_successes_then_each_takes_back_its_own_attempt_from_the_address_only(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, lockout=LockoutPolicy(per_ip=5))
    for number in range(4):
        await fail(rig, f"name{number}")
    for _ in range(20):
        assert not (await rig.throttle.begin("alice", "192.0.2.7")).locked
        await rig.throttle.succeeded("alice", "192.0.2.7")

    await fail(rig, "one more")

    assert (await rig.throttle.begin("alice", "192.0.2.7")).locked


async def test_given_a_locked_name_when_it_is_unlocked_then_it_is_once_and_it_may_try_again(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    for _ in range(10):
        await fail(rig)

    assert await rig.throttle.unlock("ALICE", ADMIN)

    assert not await rig.throttle.unlock("alice", ADMIN)
    assert await rig.throttle.locked_until("alice") is None
    assert await fail(rig)
    entry = (await rig.audit.read(2)).entries[1]
    assert entry.action.value == "user.unlocked"
    assert entry.target.user_id == user.id


async def test_given_a_lock_that_is_over_then_the_name_may_try_ten_times_again(rig: Rig) -> None:
    rig.policy = replace(rig.policy, lockout=LockoutPolicy(duration=timedelta(milliseconds=200)))
    for _ in range(10):
        await fail(rig)
    await asyncio.sleep(0.3)

    assert await rig.throttle.locked_until("alice") is None
    assert await fail(rig)


async def test_given_a_password_typed_as_a_name_then_no_key_shows_it(rig: Rig) -> None:
    await rig.throttle.begin("my secret password", "192.0.2.7")

    keys = await rig.database.command("KEYS", "*")

    assert not any(b"secret" in key for key in keys)


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", ""),
        ("unix", ""),
    ],
)
def test_given_an_address_then_what_one_line_has_counts_as_one(address: str, counted: str) -> None:
    assert network_of(address) == counted

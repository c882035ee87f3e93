"""Brakes on guessing, for names and for client addresses."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.policy import LockoutPolicy
from sidecar.store.throttle import RedisThrottle
from tests.store.rig import Rig
from tests.store.seeds import ADMIN

SECOND = timedelta(seconds=1)
QUARTER = timedelta(minutes=15)
SOMEBODY = Actor(ActorKind.USER, ip_address="192.0.2.7")


async def fail(rig: Rig, name: str = "alice", address: str = "192.0.2.7") -> bool:
    """Try once with a wrong password; say whether it was verified."""
    attempt = await rig.throttle.begin(name, address)
    if not attempt.locked:
        await rig.throttle.failed(attempt, None, SOMEBODY)
    return not attempt.locked


async def succeed(rig: Rig, name: str = "alice", address: str = "192.0.2.7") -> bool:
    """Try once with the right password; say whether it was verified."""
    attempt = await rig.throttle.begin(name, address)
    if not attempt.locked:
        await asyncio.sleep(0.001)
        await rig.throttle.succeeded(attempt)
    return not attempt.locked


def throttle_of(
    rig: Rig, *, patience: timedelta = 10 * SECOND, lasts: timedelta = 30 * SECOND
) -> RedisThrottle:
    return RedisThrottle(
        rig.database, lambda: rig.policy.lockout, rig.clock, patience=patience, lasts=lasts
    )


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
    await rig.throttle.begin("alice", "192.0.2.7")
    entries = await rig.entries()
    actions = [entry.action.value for entry in entries]
    assert actions == ["login.failed"] * 10 + ["user.locked", "login.failed"]
    assert {entry.reason for entry in entries[:10]} == {"invalid_credentials"}
    turned_away = entries[-1]  # once a minute for each client
    assert (turned_away.outcome, turned_away.reason, turned_away.count) == ("refused", "locked", 0)
    assert turned_away.target.username == "alice"


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


async def test_given_failures_long_before_when_the_last_one_locks_then_it_is_for_the_full_time(
    rig: Rig,
) -> None:
    for _ in range(9):
        await fail(rig)
    await rig.database.command("PEXPIRE", rig.keys.failures("alice"), 5000)

    await fail(rig)

    locked = await rig.throttle.begin("alice", "192.0.2.7")
    assert locked.locked
    assert QUARTER - timedelta(seconds=5) < locked.retry_after <= QUARTER


async def test_given_nine_failures_when_one_succeeds_then_ten_more_may_fail(rig: Rig) -> None:
    for _ in range(9):
        await fail(rig)
    await succeed(rig)

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


async def test_given_successes_then_they_neither_count_for_the_address_nor_reset_it(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, lockout=LockoutPolicy(per_ip=5))
    for number in range(4):
        await fail(rig, f"name{number}")
    for _ in range(20):
        assert await succeed(rig)

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
    entry = (await rig.audit.read(EVERYTHING, 2)).entries[1]
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


async def test_given_many_right_passwords_of_one_name_at_once_then_none_is_locked(rig: Rig) -> None:
    verified = await asyncio.gather(*(succeed(rig) for _ in range(40)))

    assert all(verified)


async def test_given_many_people_behind_one_address_at_once_then_none_is_locked(rig: Rig) -> None:
    rig.policy = replace(rig.policy, lockout=LockoutPolicy(per_ip=10))

    verified = await asyncio.gather(*(succeed(rig, f"name{number}") for number in range(40)))

    assert all(verified)


async def test_given_ten_in_flight_then_the_next_waits_and_is_locked_as_soon_as_they_failed(
    rig: Rig,
) -> None:
    first = [await rig.throttle.begin("alice", "192.0.2.7") for _ in range(10)]
    eleventh = asyncio.create_task(rig.throttle.begin("alice", "192.0.2.8"))
    await asyncio.sleep(0.1)
    assert not eleventh.done()

    for attempt in first:
        await rig.throttle.failed(attempt, None, SOMEBODY)

    assert not any(attempt.locked for attempt in first)
    assert (await eleventh).locked
    assert (await eleventh).retry_after > timedelta(minutes=14)


async def test_given_ten_in_flight_that_never_end_then_the_next_is_told_to_come_back_soon(
    rig: Rig,
) -> None:
    throttle = throttle_of(rig, patience=timedelta(milliseconds=200))
    for _ in range(10):
        await throttle.begin("alice", "192.0.2.7")

    attempt = await throttle.begin("alice", "192.0.2.7")

    assert attempt.locked
    assert attempt.retry_after < timedelta(seconds=10)
    assert await throttle.locked_until("alice") is None


async def test_given_attempts_whose_process_died_then_their_places_lapse(rig: Rig) -> None:
    throttle = throttle_of(rig, lasts=timedelta(milliseconds=100))
    for _ in range(10):
        await throttle.begin("alice", "192.0.2.7")

    assert await succeed(rig)


async def test_given_an_attempt_that_is_given_up_then_it_counts_for_nothing(rig: Rig) -> None:
    for _ in range(30):
        await rig.throttle.given_up(await rig.throttle.begin("alice", "192.0.2.7"))

    assert await fail(rig)
    assert await rig.throttle.locked_until("alice") is None


async def test_given_a_locked_name_when_it_is_tried_then_the_address_keeps_no_place(
    rig: Rig,
) -> None:
    rig.policy = replace(rig.policy, lockout=LockoutPolicy(failures=2, per_ip=3))
    for _ in range(2):
        await fail(rig)

    assert not await fail(rig)

    # Without patience: a place that is kept lapses some time later.
    attempt = await throttle_of(rig, patience=timedelta()).begin("bob", "192.0.2.7")
    assert not attempt.locked

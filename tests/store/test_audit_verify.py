"""What somebody does to the log who may do everything in Redis is found, and named."""

from pathlib import Path

import pytest

from tests.store.rig import Rig, a_rig
from tests.store.sealing import Log
from tests.store.tamperings import TAMPERINGS, Tamper


async def test_given_a_log_that_nobody_touched_when_it_is_verified_then_all_of_it_is_right(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    await log.seal(7, 1, 30, people=9)
    await log.write(2)

    done = await log.verify()

    assert done.finding is None
    assert (done.entries, done.seals, done.first, done.last, done.unsealed) == (38, 3, 1, 3, 2)


async def test_given_no_entry_and_no_seal_then_there_is_nothing_to_verify(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    await log.sealer.turn()

    done = await log.verify()

    assert (done.finding, done.entries, done.last, done.unsealed) == (None, 0, 0, 0)


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=[each.__name__ for each in TAMPERINGS])
async def test_given_a_sealed_log_when_somebody_tampers_with_it_then_the_first_place_is_named(
    tamper: Tamper, redis_url: str, tmp_path: Path
) -> None:
    async with a_rig(redis_url) as rig:
        log = Log(rig, tmp_path)
        ids = await log.seal(3, 3, 4)

        expected = await tamper(log, ids)

        assert await log.found() == expected

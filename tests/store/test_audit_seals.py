"""Seals as they lie in Redis: read as written, and never two after the same one."""

import asyncio
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from sidecar.core.audit_seal import SealedSpan
from sidecar.store.audit_seals import (
    GENESIS,
    Indexed,
    SealLog,
    SealUnreadable,
    StoredSeal,
    pack_index,
    read_index,
    read_seal,
    write_seal,
)
from tests.core.test_audit_seal import a_seal
from tests.store.rig import Rig
from tests.store.sealing import Log

SEAL = replace(
    a_seal(101, 101),
    previous=bytes(range(32)),
    root=b"r" * 32,
    index_hash=b"x" * 32,
    kept=2,
    starts=MappingProxyType({0: "1-0", 63: "2-1"}),
)


def stored(number: int, base: int = 1, previous: bytes = GENESIS) -> StoredSeal:
    seal = replace(a_seal(number, base), previous=previous)
    return StoredSeal(seal, write_seal(seal), b"signed", pack_index([]))


def test_given_a_seal_when_it_is_written_then_it_is_read_back() -> None:
    assert read_seal(write_seal(SEAL)) == SEAL
    assert read_seal(write_seal(a_seal(1, 1))).starts == {}


@pytest.mark.parametrize(
    "text",
    [
        b"", b"{}", b"[]", b"null", b'"x"',
        write_seal(SEAL)[:-2],
        write_seal(SEAL).replace(b'"c":4', b'"c":5'),
    ],
)  # fmt: skip
def test_given_what_is_no_seal_then_it_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match="seal"):
        read_seal(text)


def test_given_an_index_when_it_is_packed_then_it_is_read_back() -> None:
    entries = [Indexed(1_780_000_000_000, 7, b"8 bytes."), Indexed(2, 2**64 - 1, b"........")]

    assert read_index(pack_index(entries)) == entries
    with pytest.raises(ValueError, match="index"):
        read_index(b"none")


async def test_given_many_that_seal_after_the_same_one_then_one_does(rig: Rig) -> None:
    log = SealLog(rig.database)
    rivals = [replace(stored(1), signature=bytes([number])) for number in range(8)]

    added = await asyncio.gather(*(log.add(None, rival) for rival in rivals))

    assert sorted(added) == [False] * 7 + [True]
    newest = await log.newest()
    assert newest == rivals[added.index(True)]
    assert await log.add(newest, stored(2))
    assert not await log.add(newest, stored(2))
    assert not await log.add(replace(newest, text=b"another"), stored(3))


async def test_given_seals_that_were_taken_away_at_the_end_then_the_log_goes_on(rig: Rig) -> None:
    log, seals = SealLog(rig.database), [stored(number) for number in range(1, 5)]
    for before, seal in zip([None, *seals], seals, strict=False):
        assert await log.add(before, seal)
    await rig.database.command("XDEL", rig.keys.audit_seals, "3-0", "4-0")

    assert await log.add(seals[1], stored(3, previous=b"n" * 32))
    await rig.database.command("XDEL", rig.keys.audit_seals, "1-0", "2-0", "3-0")
    assert await log.add(None, stored(1))

    assert [each.seal.number async for each in log.since(1)] == [1]


async def test_given_garbage_in_the_place_of_a_seal_then_its_number_is_told(rig: Rig) -> None:
    await rig.database.command(
        "XADD", rig.keys.audit_seals, "7-0", "s", "garbage", "g", "", "l", ""
    )

    with pytest.raises(SealUnreadable) as caught:
        await SealLog(rig.database).newest()

    assert caught.value.number == 7


async def test_given_a_log_then_the_position_of_each_stream_is_that_of_its_last_seal(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    ids = await log.seal(5, 3, 9, people=7)
    newest = await log.seals.newest()
    assert newest is not None

    standing = await log.seals.standing(newest)

    for part, position in enumerate(standing.positions):
        own = [each.rpartition("-")[0] for each in ids if each.endswith(f"-{part:02d}")]
        assert position == (own[-1] if own else "0-0")
    assert sum(span.count for span in newest.seal.spans) == 9
    assert all(isinstance(span, SealedSpan) for span in newest.seal.spans)

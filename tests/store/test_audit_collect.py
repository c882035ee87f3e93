"""What the next seal covers: all of it, in order, and not too much at once."""

from hashlib import sha256
from pathlib import Path

from sidecar.core.merkle import root_of
from sidecar.store import audit_collect
from sidecar.store.audit_collect import collect, read_behind
from sidecar.store.audit_leaves import leaves_of, read_raw
from sidecar.store.audit_seals import read_index
from tests.store.rig import Rig
from tests.store.sealing import Log


async def test_given_entries_of_several_streams_then_they_are_leaves_in_the_order_of_partitions(
    rig: Rig, tmp_path: Path
) -> None:
    await Log(rig, tmp_path).write(50, people=20)
    positions = ["0-0"] * rig.keys.partitions

    collected = await collect(rig.database, positions)

    leaves = []
    for part in range(rig.keys.partitions):
        leaves += leaves_of(part, await read_raw(rig.database, part, "0-0", 100))
    assert collected.count == 50
    assert collected.is_all
    assert collected.root == root_of(leaves)
    assert [entry.mark for entry in read_index(collected.index)] == [leaf[:8] for leaf in leaves]
    again = await collect(rig.database, collected.positions)
    assert (again.count, again.spans, again.root) == (0, (), sha256(b"").digest())


async def test_given_more_than_one_seal_covers_then_the_next_one_goes_on_behind_it(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    ids = await log.write(1000)
    positions = ["0-0"] * rig.keys.partitions
    seen: list[str] = []

    for _ in range(20):
        collected = await collect(rig.database, positions, most=100)
        assert collected.count <= 100 + audit_collect._AT_ONCE
        seen += [f"{entry.milliseconds}-{entry.sequence}" for entry in read_index(collected.index)]
        positions = list(collected.positions)
        if collected.is_all:
            break

    assert seen == [each.rpartition("-")[0] for each in ids]


async def test_given_positions_then_the_entry_behind_each_is_read(rig: Rig, tmp_path: Path) -> None:
    (first, second) = await Log(rig, tmp_path).write(2)
    own, _, part = first.rpartition("-")

    found = await read_behind(rig.database, [(int(part), own)], 5)

    assert [(part, list(raw.ids)) for part, raw in found] == [
        (int(part), [second.rpartition("-")[0].encode()])
    ]

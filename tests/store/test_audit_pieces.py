"""One stream, piece by piece: bounded, and saying where to go on."""

from sidecar.core.audit import SYSTEM, Action, AuditEntry, Target
from sidecar.core.users import UserId
from sidecar.store.audit_pieces import ALONG_A_CHAIN, AT_ONCE, Scan, Walk
from sidecar.store.streams import StreamId
from tests.store.rig import Rig

ALICE = UserId("alice")


async def write(rig: Rig, count: int, action: Action = Action.LOGIN_FAILED) -> list[StreamId]:
    entry = AuditEntry(action, SYSTEM, Target(ALICE))
    return [StreamId.parse(await rig.audit.write(entry)) for _ in range(count)]


async def test_given_a_long_chain_when_nothing_of_it_is_wanted_then_a_piece_ends_all_the_same(
    rig: Rig,
) -> None:
    partition = rig.keys.partition_of_user(ALICE)
    wanted, *_ = await write(rig, 1, Action.USER_BANNED)
    passed = await write(rig, ALONG_A_CHAIN)
    walk = Walk(rig.database, partition, ALICE, {"action": "user.banned"})

    first = await walk.piece(None, 10)
    second = await walk.piece(first.rest, 10)

    assert first == ([], wanted)
    assert [entry_id for entry_id, _ in second.items] == [wanted]
    assert second.rest is None
    unpicky = await Walk(rig.database, partition, ALICE, {}).piece(None, 3)
    assert [entry_id for entry_id, _ in unpicky.items] == passed[:-4:-1]
    assert unpicky.rest == passed[-4]


async def test_given_a_long_stream_when_little_of_it_is_wanted_then_a_piece_looks_at_a_part(
    rig: Rig,
) -> None:
    partition = rig.keys.partition_of_user(ALICE)
    wanted, *_ = await write(rig, 1, Action.USER_BANNED)
    passed = await write(rig, AT_ONCE)
    scan = Scan(rig.database, partition, "+", "-", {"action": "user.banned"})

    first = await scan.piece(None, 10)
    second = await scan.piece(first.rest, 10)

    assert first == ([], passed[0])
    assert [entry_id for entry_id, _ in second.items] == [wanted]
    assert second.rest is None

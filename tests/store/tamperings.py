"""What somebody does to a sealed log who may do everything in Redis.

Each takes a log of three seals over 3, 3 and 4 entries of one partition, and says what has to be
found: what was done, and to which entry or seal.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from hashlib import sha256

from sidecar.core.merkle import root_of
from sidecar.store.audit_key import AuditKey
from sidecar.store.audit_leaves import Raw, indexed, leaves_of
from sidecar.store.audit_seals import StoredSeal, pack_index, write_seal
from tests.store.sealing import Log

Tamper = Callable[[Log, list[str]], Awaitable[tuple[str, str]]]


async def changed(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.change(ids[6], r="none")
    await log.change(ids[8], r="none")
    return "changed", ids[6]


async def removed(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.delete(ids[4])
    return "removed", ids[4]


async def last_of_a_seal_removed(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.delete(ids[5])
    return "removed", ids[5]


async def inserted(log: Log, ids: list[str]) -> tuple[str, str]:
    stream = await log.stream()
    own, body = stream[5]
    milliseconds, _, sequence = own.partition("-")
    between = f"{milliseconds}-{int(sequence) + 5000}"
    await log.rewrite(0, [*stream[:6], (between, body), *stream[6:]])
    return "inserted", f"{between}-00"


async def reordered(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.change(ids[7], r="other")
    stream = await log.stream()
    # Two entries of one seal change their places; what they say stays.
    one, other = stream[4], stream[5]
    assert one[1] != other[1]
    stream[4], stream[5] = (one[0], other[1]), (other[0], one[1])
    await log.rewrite(0, stream)
    return "reordered", ids[4]


async def cut_off_at_the_end(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rewrite(0, (await log.stream())[:8])
    return "cut_off_at_end", ids[8]


async def cut_off_at_the_front(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rewrite(0, (await log.stream())[3:])
    return "cut_off_at_front", ids[0]


async def all_deleted(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rig.database.command("DEL", log.rig.keys.audit(0))
    return "cut_off_at_end", ids[0]


async def hidden_by_a_second_field(log: Log, ids: list[str]) -> tuple[str, str]:
    """The same field twice: who reads the first one sees what was never sealed."""
    key, stream = log.rig.keys.audit(0), await log.stream()
    await log.rewrite(0, stream[:3])
    for own, body in stream[3:]:
        words = ("e", b'{"a":"user.banned","k":"system"}') if own == stream[3][0] else ()
        await log.rig.database.command("XADD", key, own, *words, "e", body)
    return "changed", ids[3]


async def seals_cut_off_with_their_entries(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rewrite(0, (await log.stream())[:6])
    await log.rig.database.command("XDEL", log.rig.keys.audit_seals, "3-0")
    return "seals_cut_off", "3"


async def all_seals_deleted(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rig.database.command("DEL", log.rig.keys.audit_seals)
    return "seals_cut_off", "1"


async def a_seal_deleted(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rig.database.command("XDEL", log.rig.keys.audit_seals, "2-0")
    return "seal_missing", "2"


async def the_first_seal_deleted(log: Log, ids: list[str]) -> tuple[str, str]:
    await log.rig.database.command("XDEL", log.rig.keys.audit_seals, "1-0")
    return "seal_missing", "1"


async def a_seal_changed_with_its_entry(log: Log, ids: list[str]) -> tuple[str, str]:
    """Everything but the signature is made to fit."""
    await resealed(log, ids, None)
    return "seal_changed", "2"


async def forged_with_another_key(log: Log, ids: list[str]) -> tuple[str, str]:
    await resealed(log, ids, AuditKey(b"x" * 32))
    return "seal_forged", "2"


async def resealed(log: Log, ids: list[str], key: AuditKey | None) -> None:
    """Change an entry of the second seal, and make that seal fit. key: None: not the signature."""
    stored = await log.seals.get(2)
    assert stored is not None
    await log.change(ids[4], r="none")
    stream = (await log.stream())[3:6]
    raw = Raw([own.encode() for own, _ in stream], [body for _, body in stream])
    leaves = leaves_of(0, raw)
    index = pack_index(map(indexed, raw.ids, leaves))
    seal = replace(
        stored.seal,
        root=root_of(leaves),
        index_hash=sha256(index).digest(),
        key_id=key.public.key_id if key else stored.seal.key_id,
    )
    text = write_seal(seal)
    signature = key.sign(text) if key else stored.signature
    await replace_seal(log, StoredSeal(seal, text, signature, index))


async def replace_seal(log: Log, new: StoredSeal) -> None:
    """Put a seal in the place of the one with its number."""
    key, command = log.rig.keys.audit_seals, log.rig.database.command
    seals = [seal async for seal in log.seals.since(1)]
    await command("DEL", key)
    for old in seals:
        seal = new if old.seal.number == new.seal.number else old
        words = ("s", seal.text, "g", seal.signature, "l", seal.index)
        await command("XADD", key, f"{seal.seal.number}-0", *words)


TAMPERINGS: tuple[Tamper, ...] = (
    changed,
    removed,
    last_of_a_seal_removed,
    inserted,
    reordered,
    cut_off_at_the_end,
    cut_off_at_the_front,
    all_deleted,
    hidden_by_a_second_field,
    seals_cut_off_with_their_entries,
    all_seals_deleted,
    a_seal_deleted,
    the_first_seal_deleted,
    a_seal_changed_with_its_entry,
    forged_with_another_key,
)

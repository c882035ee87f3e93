"""What a seal covers beside what is there: which entry comes first that is not as it was sealed."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from sidecar.core.audit_seal import Breach, Finding
from sidecar.core.merkle import leaf_hash
from sidecar.store.audit_leaves import Raw, indexed, leaf_content, leaves_of, numbers_of
from sidecar.store.audit_seals import Indexed, StoredSeal, read_index

_Place = tuple[int, int, int]
"""An entry's id, as it sorts: milliseconds, sequence, partition."""


class Part(NamedTuple):
    """One partition: what lies between the seal before and this one. is_front: no entry is kept
    before these. goes_on: there are entries behind them, in this partition."""

    raw: Raw
    is_front: bool
    goes_on: bool


class _Wrong(NamedTuple):
    place: _Place
    breach: Breach


def first_difference(stored: StoredSeal, parts: Mapping[int, Part]) -> Finding:
    """Return the first entry that is not as the seal says; where its index was changed too, only
    that it is one of this seal."""
    number = stored.seal.number
    try:
        sealed = _sealed(stored)
    except ValueError:
        return Finding(Breach.SEAL_CHANGED, number)
    wrong = [
        each
        for partition, part in parts.items()
        for each in _of_part(partition, sealed.get(partition, []), part)
    ]
    if not wrong:
        return Finding(Breach.SEAL_CHANGED, number)
    first = min(wrong)
    milliseconds, sequence, partition = first.place
    return Finding(first.breach, number, f"{milliseconds}-{sequence}-{partition:02d}")


def _sealed(stored: StoredSeal) -> dict[int, list[Indexed]]:
    rest = iter(read_index(stored.index))
    sealed = {span.partition: list(islice(rest, span.count)) for span in stored.seal.spans}
    if any(len(sealed[span.partition]) != span.count for span in stored.seal.spans):
        raise ValueError("an index that is too short")
    return sealed


def _of_part(partition: int, sealed: Sequence[Indexed], part: Part) -> Iterator[_Wrong]:
    """Yield what is wrong in one partition, the oldest entry first."""
    raw, expected = part.raw, {entry[:2]: entry.mark for entry in sealed}
    leaves = leaves_of(partition, raw)
    found = {
        numbers_of(own_id): (own_id, leaf, body)
        for own_id, leaf, body in zip(raw.ids, leaves, raw.bodies, strict=True)
    }
    changed = [
        at for at in expected.keys() & found.keys() if expected[at] != indexed(*found[at][:2]).mark
    ]
    for at in changed:
        mine = found[at][0]
        others = (found[other][2] for other in changed if other != at)
        moved = any(
            leaf_hash(leaf_content(mine, partition, body))[:8] == expected[at]
            for body in others
            if body is not None
        )
        yield _Wrong((*at, partition), Breach.REORDERED if moved else Breach.CHANGED)
    for at in found.keys() - expected.keys():
        yield _Wrong((*at, partition), Breach.INSERTED)
    last_there = max(found, default=(0, 0))
    first_there = min(found, default=None)
    for at in expected.keys() - found.keys():
        breach = Breach.REMOVED
        if at > last_there and not part.goes_on:
            breach = Breach.CUT_OFF_AT_END
        elif part.is_front and (first_there is None or at < first_there):
            breach = Breach.CUT_OFF_AT_FRONT
        yield _Wrong((*at, partition), breach)

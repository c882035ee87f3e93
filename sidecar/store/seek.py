"""Where to begin in each of several ranges to be at a certain place of the list they are together.

Far into it, reading all that lies before would take too long. So each range is sampled: from the
samples follows a key that is certainly not behind that place, and how much of each range lies
before it. What is then left to be passed over is as little as the samples are apart.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

Key = tuple[int | bytes, bytes]
"""What a list is in order by: a score or a text, then the handle."""

_Samples = Sequence[tuple[int, Key]]
"""Some entries of a range with their places, in order."""

_SAMPLES = 128


@dataclass(frozen=True, slots=True)
class Range:
    """A part of one sorted set. upper: empty for scores above `lower`, else members from `lower` to
    below `upper`. length: when it was counted. shift: what is added to scores. dead: the keys in it
    that are passed over, ascending."""

    partition: int
    name: str
    lower: str | int
    upper: str = ""
    session_class: str = ""
    length: int = 0
    shift: int = 0
    dead: tuple[Key, ...] = ()


def places(sources: Sequence[Range], offset: int) -> list[list[int]]:
    """Return where to look at each range: closely around where the beginning should be if all are
    spread alike, and here and there as far as it can be."""
    total = max(sum(source.length for source in sources), 1)
    furthest = offset + sum(len(source.dead) for source in sources)
    each = max(6, _SAMPLES // len(sources))
    wanted = []
    for source in sources:
        last = min(source.length - 1, furthest)
        near = offset * source.length // total
        part = {2 * near * step // each for step in range(1, each + 1)}
        part |= {last * step // 4 for step in range(5)}
        wanted.append(sorted(place for place in part if 0 <= place <= last))
    return wanted


def beginning(
    sources: Sequence[Range], samples: Sequence[_Samples], offset: int, descending: bool
) -> tuple[list[int], int]:
    """Choose the last sampled key with at most `offset` live entries before it, and return how much
    of each range is certainly before that key, and how many live ones remain to be passed over.

    Before a key come, in each range, at most as many as before the next sample from it on.
    """
    dead = sorted(key for source in sources for key in source.dead)
    most = [
        part[0][0] if part else source.length for source, part in zip(sources, samples, strict=True)
    ]
    before = sum(most)
    starts, passed = [0] * len(sources), [0] * len(sources)
    best = list(starts), list(passed)
    events = [
        (key, position, step)
        for position, part in enumerate(samples)
        for step, (_, key) in enumerate(part)
    ]
    for key, position, step in sorted(events, reverse=descending):
        starts[position] = samples[position][step][0]
        passed[position] = _before(sources[position].dead, key, descending)
        if before <= offset + _before(dead, key, descending):
            best = list(starts), list(passed)
        following = samples[position][step + 1 : step + 2]
        after = following[0][0] if following else sources[position].length
        before += after - most[position]
        most[position] = after
    skip = offset - sum(best[0]) + sum(best[1])
    return best[0], max(skip, 0)


def _before(dead: Sequence[Key], key: Key, descending: bool) -> int:
    if descending:
        return len(dead) - bisect_right(dead, key)
    return bisect_left(dead, key)

"""Where to begin in several ranges, compared with counting."""

import random

import pytest

from sidecar.store.seek import Key, Range, beginning, places


def ranges_of(chance: random.Random) -> list[tuple[Range, list[Key]]]:
    made = []
    for number in range(chance.randint(1, 6)):
        keys: list[Key] = sorted(
            (chance.randrange(50), f"{number}-{place}".encode())
            for place in range(chance.choice((0, 1, 3, 40)))
        )
        dead = tuple(key for key in keys if chance.random() < 0.2)
        made.append((Range(0, str(number), 0, length=len(keys), dead=dead), keys))
    return made


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("seed", range(60))
def test_given_ranges_when_a_place_is_sought_then_nothing_of_the_page_is_left_out(
    seed: int, descending: bool
) -> None:
    chance = random.Random(seed)
    made = ranges_of(chance)
    sources = [source for source, _ in made]
    keys = [part[::-1] if descending else part for _, part in made]
    dead = {key for source in sources for key in source.dead}
    live = sorted((key for part in keys for key in part if key not in dead), reverse=descending)
    offset = chance.randint(0, len(live) + 3)
    samples = [
        [(place, part[place]) for place in wanted]
        for wanted, part in zip(places(sources, offset), keys, strict=True)
    ]

    starts, skip = beginning(sources, samples, offset, descending=descending)

    rest = sorted(
        (key for part, start in zip(keys, starts, strict=True) for key in part[start:]),
        reverse=descending,
    )
    assert [key for key in rest if key not in dead][skip:] == live[offset:]


def test_given_two_long_ranges_when_a_far_place_is_sought_then_little_is_left_to_pass_over() -> (
    None
):
    lengths = (100_000, 20_000)
    sources = [Range(0, str(n), 0, length=length) for n, length in enumerate(lengths)]
    samples = [
        [(place, (place * 1_000_000 // length, b"")) for place in wanted]
        for wanted, length in zip(places(sources, 10_000), lengths, strict=True)
    ]

    starts, skip = beginning(sources, samples, 10_000, descending=False)

    assert sum(starts) + skip == 10_000
    assert skip < 400

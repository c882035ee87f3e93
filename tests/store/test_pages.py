"""Pages of sessions, compared with the same question asked of plain objects in memory."""

import asyncio
from datetime import datetime
from ipaddress import ip_network
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.session import Kind
from sidecar.core.users import UserId
from sidecar.store import by_creation, candidates, pages, population, ranges, seek
from tests.bench.seeder import Seeder
from tests.store.populations import POLICY, listed, live, sessions
from tests.store.rig import Rig, a_rig

NETWORKS = (
    "192.0.2.7",
    "192.0.2.0/23",
    "192.0.2.0/24",
    "0.0.0.0/0",
    "::/0",
    "2001:db8::/64",
    "::ffff:192.0.2.0/120",
    "10.9.0.0/16",
)
FILTERS = st.builds(
    SessionFilter,
    user_id=st.sampled_from([None] * 5 + [UserId("id-of-bob"), UserId("nobody")]),
    username_prefix=st.sampled_from(["", "", "", "a", "AL", "alice", "b", "zo", "李", "x", "a\0"]),
    network=st.none() | st.sampled_from(NETWORKS).map(ip_network),
    kind=st.none() | st.sampled_from(Kind),
)


class Ask(NamedTuple):
    wanted: SessionFilter
    order: SessionOrder
    descending: bool
    offset: int
    limit: int


ASKS = st.builds(
    Ask,
    FILTERS,
    st.sampled_from(SessionOrder),
    st.booleans(),
    st.integers(0, 60),
    st.integers(1, 30),
)


class Small(NamedTuple):
    """Bounds so small that few sessions reach them, and what a look into a record costs."""

    samples: int
    few: int
    at_once: int
    check: int


SMALL = st.builds(
    Small, st.integers(1, 12), st.integers(0, 9), st.integers(3, 9), st.sampled_from([0, 6, 10**6])
)


async def compared(
    url: str, partitions: int, seed: int, count: int, dead: float, asks: list[Ask]
) -> None:
    async with a_rig(url, partitions) as rig:
        rig.policy = POLICY
        await rig.database.command("FLUSHALL")
        now = _whole(rig)
        everything = sessions(seed, count, now, rig.keys, dead=dead)
        await Seeder(rig.database).write(everything)
        there = live(everything, now)
        for wanted, order, descending, offset, limit in asks:
            expected = listed(there, wanted, order, descending=descending)

            page = await rig.lists.page(
                wanted, order, descending=descending, offset=offset, limit=limit
            )

            handles = [session.handle for session in page.sessions]
            assert handles == [each.handle for each in expected[offset : offset + limit]]
            assert list(page.sessions) == expected[offset : offset + limit]
            if not page.total_is_estimate:
                assert page.total == len(expected)
            total = await rig.lists.count(wanted)
            assert total.is_estimate or total.total == len(expected)
            assert set(await rig.lists.handles(wanted)) == {each.handle for each in expected}


def _whole(rig: Rig) -> datetime:
    now = rig.clock.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to make one smaller takes minutes
)
@given(
    partitions=st.sampled_from([1, 1, 3]),
    seed=st.integers(0, 2**32),
    count=st.integers(0, 90),
    dead=st.sampled_from([0.0, 0.1, 0.6]),
    asks=st.lists(ASKS, min_size=8, max_size=20),
    small=SMALL,
)
def test_given_any_population_when_any_page_is_asked_then_it_is_what_memory_would_answer(
    redis_url: str,
    partitions: int,
    seed: int,
    count: int,
    dead: float,
    asks: list[Ask],
    small: Small,
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seek, "_SAMPLES", small.samples)
        patch.setattr(ranges, "_FEW", small.few)
        patch.setattr(ranges, "_MOST_AT_ONCE", small.at_once)
        patch.setattr(candidates, "_AT_ONCE", small.at_once)
        patch.setattr(candidates, "_WITH_PLACE_AT_ONCE", small.at_once)
        patch.setattr(by_creation, "_READ_AT_ONCE", small.at_once)
        patch.setattr(population, "_MOST_AT_ONCE", small.at_once)
        patch.setattr(pages, "_CHECK", small.check)
        patch.setattr(pages, "_LEAST_READ", small.at_once)
        asyncio.run(compared(redis_url, partitions, seed, count, dead, asks))

"""People by name, role and status: the same as looking at everybody, at any depth."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sidecar.core.people import EVERYBODY, PeopleFilter
from sidecar.core.users import Role, Status, User, UserId, canonical_name
from sidecar.store.people_index import PeopleIndex
from tests.store.rig import Rig, a_rig
from tests.store.seeds import ADMIN

HOUR = timedelta(hours=1)
_NAMES = st.text("aAbß ", min_size=1, max_size=6).filter(str.strip)
_FILTERS = st.builds(
    PeopleFilter,
    prefix=st.sampled_from(["", "a", "A", "ab", "b", "ss", "zz"]),
    role=st.none() | st.sampled_from(Role),
    status=st.none() | st.sampled_from(Status),
)


async def lock(rig: Rig, name: str) -> None:
    for _ in range(10):
        attempt = await rig.throttle.begin(name, "192.0.2.7")
        await rig.throttle.failed(attempt, None, ADMIN)


async def add_in_bulk(rig: Rig, count: int) -> list[bytes]:
    """List people who are nowhere else, some of each role and status; return them by name."""
    members = []
    for number in range(count):
        partition = number % rig.keys.partitions
        status = "b" if number % 7 == 0 else "l" if number % 11 == 0 else "a"
        key = rig.keys.users(partition, 3 if number % 97 == 0 else 0, status)
        member = f"user{number * 7919 % count:06d}\0id{number}".encode()
        members.append((key, member))
    for start in range(0, count, 500):
        await asyncio.gather(
            *(
                rig.database.command("ZADD", key, 0, member)
                for key, member in members[start : start + 500]
            )
        )
    return sorted(member for _, member in members)


@pytest.mark.parametrize("partitions", [1, 5])
@settings(
    max_examples=10,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    people=st.lists(st.tuples(_NAMES, st.sampled_from(Role), st.sampled_from(Status)), max_size=12),
    wanted=_FILTERS,
    offset=st.integers(0, 8),
    limit=st.integers(1, 5),
)
def test_given_people_when_some_are_asked_for_then_it_is_as_if_all_had_been_looked_at(
    redis_url: str,
    partitions: int,
    people: list[tuple[str, Role, Status]],
    wanted: PeopleFilter,
    offset: int,
    limit: int,
) -> None:
    async def check() -> None:
        async with a_rig(redis_url, partitions) as rig:
            await rig.database.command("FLUSHALL")
            await rig.clock.measure()
            there: dict[str, tuple[User, Status]] = {}
            for name, role, status in people:
                canonical = canonical_name(name)
                if canonical in there:
                    continue
                user = await rig.a_user(name, role)
                if status is Status.BANNED and role is Role.OWNER:
                    status = Status.ACTIVE  # the last owner cannot be
                if status is Status.BANNED:
                    await rig.users.ban(user.id, ADMIN, "x", highest=Role.OWNER)
                elif status is Status.LOCKED:
                    await lock(rig, name)
                there[canonical] = (user, status)
            matching = [
                user.username
                for canonical, (user, status) in sorted(
                    there.items(), key=lambda item: item[0].encode() + b"\0"
                )
                if canonical.startswith(canonical_name(wanted.prefix))
                and wanted.role in (None, user.role)
                and wanted.status in (None, status)
            ]

            page = await rig.users.list(wanted, offset, limit)

            assert [user.username for user in page.users] == matching[offset : offset + limit]
            assert page.total == len(matching) == await rig.users.count(wanted)

    asyncio.run(check())


async def test_given_many_people_when_any_page_is_read_then_it_is_that_part_of_the_list(
    rig: Rig,
) -> None:
    everybody = [
        UserId(member.rpartition(b"\0")[2].decode()) for member in await add_in_bulk(rig, 4000)
    ]
    index = PeopleIndex(rig.database)

    for offset in (0, 1, 49, 600, 1999, 3333, 3990, 4000, 9999):
        ids, total = await index.page(EVERYBODY, offset, 20)
        assert ids == everybody[offset : offset + 20]
        assert total == 4000


async def test_given_names_that_sort_by_role_when_a_deep_page_is_read_then_it_is_right(
    rig: Rig,
) -> None:
    for number in range(3000):
        key = rig.keys.users(0, number // 1000, "a")
        await rig.database.command("ZADD", key, 0, f"u{number:04d}\0i{number}")

    ids, _ = await PeopleIndex(rig.database).page(EVERYBODY, 1500, 3)

    assert ids == ["i1500", "i1501", "i1502"]


async def test_given_a_ban_and_a_lock_when_they_lapse_then_lists_say_so_at_once(rig: Rig) -> None:
    banned, locked, both = [await rig.a_user(name) for name in ("ann", "bob", "cyd")]
    soon = rig.clock.now() + timedelta(milliseconds=300)
    rig.use_lockout(duration=timedelta(milliseconds=300))
    await lock(rig, "bob")
    rig.use_lockout(duration=HOUR)
    await lock(rig, "cyd")
    for user in (banned, both):
        await rig.users.ban(user.id, ADMIN, "x", soon, highest=Role.OWNER)

    for _ in range(500):
        if not await names(rig, Status.BANNED) and await names(rig, Status.LOCKED) == ["cyd"]:
            break
        await asyncio.sleep(0.02)

    assert await names(rig, Status.ACTIVE) == ["ann", "bob"]
    assert await names(rig, None) == ["ann", "bob", "cyd"]
    statuses = await rig.users.statuses([banned, locked, both])
    assert list(statuses.values()) == [Status.ACTIVE, Status.ACTIVE, Status.LOCKED]


async def names(rig: Rig, status: Status | None) -> list[str]:
    page = await rig.users.list(PeopleFilter(status=status), 0, 10)
    assert page.total == len(page.users)
    return [user.username for user in page.users]


async def test_given_the_index_of_an_earlier_version_then_the_first_list_takes_it_over(
    rig: Rig,
) -> None:
    users = [await rig.a_user(f"user{number}") for number in range(5)]
    for number, user in enumerate(users):
        partition = rig.keys.partition_of_user(user.id)
        member = f"user{number}\0{user.id}"
        await rig.database.command("DEL", rig.keys.users(partition, 0, "a"))
        await rig.database.command("ZADD", f"{rig.keys.base(partition)}users", 0, member)

    page = await rig.users.list(EVERYBODY, 0, 10)

    assert [user.id for user in page.users] == [user.id for user in users]

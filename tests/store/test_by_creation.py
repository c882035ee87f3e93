"""Pages by creation out of an index of another order, compared with plain objects in memory."""

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sidecar.core.listing import SessionFilter, SessionOrder
from sidecar.core.session import Kind, Session
from sidecar.core.token import new_handle
from sidecar.store import by_creation
from sidecar.store.by_creation import ByCreation, Wanted
from sidecar.store.candidates import Candidates, shifts_of
from sidecar.store.population import Populations
from tests.bench.seeder import Seeder
from tests.store.populations import POLICY, listed, live, sessions
from tests.store.rig import Rig

AL = SessionFilter(username_prefix="al")


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_READ_AT_ONCE", "_TIMED_AT_ONCE", "_SIFTED_AT_ONCE", "_PLACED_AT_ONCE"):
        monkeypatch.setattr(by_creation, name, 7)


def drawn_off(session: Session, chance: random.Random, most: timedelta, rig: Rig) -> Session:
    """Return it with a handle that was drawn so much before or after it was created."""
    drawn = session.created_at + most * chance.uniform(-1, 1)
    partition = rig.keys.partition_of_user(session.user_id)
    return replace(session, handle=new_handle(drawn, partition, chance.randbytes(22)))


def whole_now(rig: Rig) -> datetime:
    now = rig.clock.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


@pytest.mark.parametrize("off", [timedelta(), timedelta(seconds=9), timedelta(days=30)])
@pytest.mark.parametrize("order", [SessionOrder.CREATED_AT, SessionOrder.EXPIRES_AT])
@pytest.mark.parametrize("descending", [False, True])
async def test_given_handles_that_were_drawn_at_another_time_then_pages_are_still_by_creation(
    rig: Rig, off: timedelta, order: SessionOrder, descending: bool
) -> None:
    rig.policy = POLICY
    chance, now = random.Random(5), whole_now(rig)
    plain = sessions(7, 150, now, rig.keys, dead=0.1)
    everything = [drawn_off(each, chance, off, rig) for each in plain]
    await Seeder(rig.database).write(everything)
    population = await Populations(rig.database, lambda: rig.policy, rig.clock).now()
    narrow = await Candidates(rig.database).by_name("al")
    shifts = shifts_of(order, POLICY)

    for kind, offset in ((None, 0), (None, 13), (Kind.BROWSER, 5), (None, 1000)):
        wanted = Wanted(kind, shifts, offset, offset + 10, descending)
        found, total = await ByCreation(rig.database).page(narrow.ranges, wanted, population)

        expected = listed(
            live(everything, now), replace(AL, kind=kind), order, descending=descending
        )
        assert found == [each.handle.encode() for each in expected[offset : offset + 10]]
        assert total == len(expected)


async def test_given_a_session_that_ends_while_a_page_is_read_then_it_is_left_out(
    rig: Rig,
) -> None:
    population = await Populations(rig.database, lambda: rig.policy, rig.clock).now()
    person = await rig.a_user("Alice")
    first, second = [(await rig.open(person)).session for _ in range(2)]
    narrow = await Candidates(rig.database).by_name("al")
    index = rig.keys.created(rig.keys.partition_of(second.handle), "0b")
    await rig.database.command("ZREM", index, second.handle)
    wanted = Wanted(None, shifts_of(SessionOrder.CREATED_AT, rig.policy), 0, 10, False)

    found, _ = await ByCreation(rig.database).page(narrow.ranges, wanted, population)

    assert found == [first.handle.encode()]

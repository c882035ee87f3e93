"""Who is live, by class, while nobody sweeps."""

from datetime import timedelta

from sidecar.core.session import Kind
from sidecar.core.users import Role
from sidecar.store.population import Populations, kind_of
from tests.store.rig import Rig

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)


async def test_given_sessions_over_either_limit_then_they_are_dead_and_not_counted(
    rig: Rig,
) -> None:
    user = await rig.a_user()
    idle, old, both, used = [(await rig.open(user)).session.handle for _ in range(4)]
    agent = (await rig.open(user, kind=Kind.AGENT)).session.handle
    await rig.age(idle, unused=HOUR + SECOND)
    await rig.age(old, old=24 * HOUR + SECOND)
    await rig.age(both, unused=2 * HOUR, old=25 * HOUR)

    populations = Populations(rig.database, lambda: rig.policy, rig.clock)
    found = await populations.now()

    assert await populations.counts() == {kind: found.live(kind) for kind in Kind}
    assert found.dead == {idle.encode(), old.encode(), both.encode()}
    assert found.live() == 2
    assert (found.live(Kind.BROWSER), found.live(Kind.AGENT), found.live(Kind.SERVICE)) == (1, 1, 0)
    (browsers,) = found.of_kind(Kind.BROWSER)
    assert [handle for _, handle in browsers.created.dead] == [idle.encode()]
    assert [handle for _, handle in browsers.active.dead] == [old.encode()]
    assert not {used.encode(), agent.encode()} & found.dead


async def test_given_an_empty_store_then_nobody_is_there(rig: Rig) -> None:
    found = await Populations(rig.database, lambda: rig.policy, rig.clock).now()

    assert (found.live(), found.dead) == (0, frozenset())


def test_given_a_class_then_its_kind_is_known() -> None:
    assert kind_of("2a") is Kind.AGENT
    assert int(Role.ADMIN) == 2

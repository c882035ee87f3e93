"""A seeded store is one that the product can use."""

from collections import Counter

from sidecar.core.listing import SessionFilter
from sidecar.core.session import Kind
from tests.bench.seed import Plan, add_people, add_sessions
from tests.store.rig import a_rig


async def test_given_a_plan_when_a_store_is_filled_then_all_of_it_is_live(redis_url: str) -> None:
    said: Counter[str] = Counter()
    plan = Plan(sessions=500, people=50, office=40)
    async with a_rig(redis_url) as rig:
        people = await add_people(rig.database, plan, lambda what, _: said.update([what]))
        await add_sessions(rig.database, people, plan, lambda what, _: said.update([what]))

        assert await rig.lists.count(SessionFilter()) == (500, False)
        assert (await rig.lists.by_kind())[Kind.AGENT] == 25
        assert set((await rig.lists.of_users([user.id for user in people])).values()) == {10}
        page = await rig.lists.page(SessionFilter(username_prefix="anna"))
        assert page.total == 50
        assert await rig.sessions.get(page.sessions[0].handle) == page.sessions[0]
    assert set(said) == {"people", "sessions"}

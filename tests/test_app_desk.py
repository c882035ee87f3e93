"""The desk of a worker: built of real parts, it speaks of the policy in force and of itself."""

from datetime import UTC, datetime

from sidecar import __version__
from sidecar.app_desk import build_desk
from sidecar.core.policy import Policy
from sidecar.core.policy_state import PolicyState
from tests.house import a_house


async def test_given_a_worker_when_its_desk_is_built_then_it_is_about_the_policy_of_now(
    redis_url: str,
) -> None:
    async with a_house(redis_url) as house:
        states = [PolicyState(Policy(), datetime.now(UTC))]
        desks = [
            build_desk(
                house.database,
                house.clock,
                lambda: states[-1],
                house.lifecycle,
                house.users,
                house.hashing,
                house.services.desk.webhooks,
                public_url="https://wiki.example.com",
                mount="/_sidecar",
                sentinel=True,
                agents=house.services.agents,
                factors=house.services.factors,
            )
            for _ in range(2)
        ]
        states.append(PolicyState(Policy(live_inject=False), datetime.now(UTC)))

        assert desks[0].policy() is states[-1].policy
        assert desks[0].product.version == __version__
        assert desks[0].product.replica != desks[1].product.replica
        assert (await desks[0].store.state()).mode == "sentinel"

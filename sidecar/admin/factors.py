"""Second factors of people: what somebody has, and all of it away for who has lost it."""

from sidecar.admin.desk import Desk
from sidecar.admin.people import shown_one, there
from sidecar.admin.people_acts import OWN_PASSWORD
from sidecar.core.caller import Caller
from sidecar.core.factor_shapes import FactorList, factor_list
from sidecar.core.shapes import UserShape


async def list_factors(desk: Desk, _: Caller, user_id: str) -> FactorList:
    """What somebody has, without any secret."""
    user = await there(desk, user_id)
    mode = desk.policy().mfa.mode_for(user.role)
    return factor_list(await desk.factors.of(user.id), mode)


async def reset_factors(desk: Desk, caller: Caller, user_id: str) -> UserShape:
    """Take all of somebody's away. Their sessions go on: none of them proves less than before."""
    user = await there(desk, user_id)
    if user.id == caller.user_id:
        caller.must_be_fresh(desk.clock.now(), OWN_PASSWORD)
    reset = await desk.factors.remove_all(user.id, caller.actor, highest=caller.role)
    return await shown_one(desk, reset)

"""The store on a Redis Cluster of two nodes: every script stays within one slot."""

import asyncio

from sidecar.core.audit_log import EVERYTHING
from sidecar.core.people import EVERYBODY, PersonChange
from sidecar.core.ports import LastOwner
from sidecar.core.reasons import Ended
from sidecar.core.users import Role
from tests.store.rig import Rig
from tests.store.seeds import ADMIN


async def test_given_a_cluster_when_people_sign_in_and_out_then_all_is_as_on_one_node(
    wide: Rig,
) -> None:
    users = [await wide.a_user(f"user{number}") for number in range(12)]
    opened = [await wide.open(user) for user in users for _ in range(2)]
    for one in opened:
        wide.sessions.touch(one.session)
    await wide.sessions.flush()

    assert len({wide.keys.partition_of(one.session.handle) for one in opened}) > 4
    assert (await wide.sessions.list(0, 100))[1] == 24
    assert (await wide.users.list(EVERYBODY, 0, 100))[1] == 12
    assert await wide.sessions.rotate(opened[0].session, ADMIN)
    assert await wide.sessions.end(opened[0].session.handle, Ended.REVOKED, ADMIN)
    assert await wide.sessions.end_all(users[1].id, Ended.REVOKED, ADMIN) == 2
    assert (await wide.sessions.list(0, 100))[1] == 21
    planted = opened[6].session.handle
    await wide.open(users[2], replaces=planted)
    assert await wide.is_dead(planted)
    assert not (await wide.throttle.begin("user0", "192.0.2.7")).locked
    assert len((await wide.audit.read(EVERYTHING, 1000)).entries) >= 12 + 24 + 4


async def test_given_a_cluster_when_all_owners_go_at_once_then_one_stays(wide: Rig) -> None:
    owners = [await wide.a_user(f"owner{number}", Role.OWNER) for number in range(6)]

    results = await asyncio.gather(
        *(
            wide.users.change(owner.id, PersonChange(role=Role.USER), ADMIN, highest=Role.OWNER)
            for owner in owners
        ),
        return_exceptions=True,
    )

    assert sum(isinstance(result, LastOwner) for result in results) == 1
    assert all(not isinstance(r, BaseException) or isinstance(r, LastOwner) for r in results)

"""What a provider does with people, as acts on the directory: what comes first, what is refused."""

from typing import Any

import pytest

from sidecar.clients.scim_shapes import ScimRefused
from sidecar.clients.scim_users import MOST, ScimUsers
from sidecar.core.audit import Actor, ActorKind
from tests.house import a_house

SCIM = Actor(ActorKind.SERVICE, "scim")


async def test_given_a_change_that_also_switches_off_then_that_comes_first(redis_url: str) -> None:
    async with a_house(redis_url) as house:
        users = ScimUsers(house.users, "https://x/scim/v2")
        made = await users.create({"userName": "maria"}, SCIM)
        whole = {"userName": "Maria", "active": "False", "displayName": "M"}

        shown = await users.replace(made["id"], whole, SCIM)

        assert (shown["active"], shown["displayName"], shown["userName"]) == (False, "M", "maria")
        actions = [entry["e"] for entry in await house.audit()][-2:]
        assert ["user.banned" in actions[0], "user.updated" in actions[1]] == [True, True]


async def test_given_a_person_who_is_made_switched_off_then_they_are(redis_url: str) -> None:
    async with a_house(redis_url) as house:
        users = ScimUsers(house.users, "https://x/scim/v2")

        made = await users.create({"userName": "maria", "active": False}, SCIM)

        assert made["active"] is False
        assert (await users.find(None, 1, MOST + 100))["totalResults"] == 1


@pytest.mark.parametrize(
    "document", [{}, {"userName": " "}, {"userName": "a@b@c"}, {"userName": 7}]
)
async def test_given_a_name_that_is_none_then_nobody_is_added(
    redis_url: str, document: dict[str, Any]
) -> None:
    async with a_house(redis_url) as house:
        users = ScimUsers(house.users, "https://x/scim/v2")

        with pytest.raises(ScimRefused) as refused:
            await users.create(document, SCIM)

        assert (refused.value.status, refused.value.kind) == (400, "invalidValue")
        assert (await users.find(None, 1, 10))["totalResults"] == 0

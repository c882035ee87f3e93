"""Every page of the console, for everybody."""

import pytest

from tests.journeys.console.everybody import in_turn, is_for_everybody
from tests.journeys.console.stage import Person
from tests.journeys.console.tabs import Console

pytestmark = pytest.mark.asyncio(loop_scope="package")

_PATHS = {
    "overview": "/",
    "sessions": "/sessions?q=pia",
    "nothing": "/sessions?q=nobody-is-called-that",
    "ended": "/sessions?view=ended",
    "users": "/users?q=pia",
    "person": "/users/{id}",
    "history": "/users/{id}?tab=history",
    "gone": "/users/nobody",
    "agents": "/agents",
    "alarms": "/alarms?userId={id}",
    "no-alarms": "/alarms?userId={id}&state=resolved",
    "audit": "/audit?userId={id}",
    "webhooks": "/webhooks",
    "webhook": "/webhooks/{webhook}",
    "no-webhook": "/webhooks/none",
    "policy": "/policy",
}


@pytest.mark.parametrize(("tour", "name"), in_turn(_PATHS), indirect=["tour"])
async def test_given_a_page_then_axe_finds_nothing_and_nothing_scrolls_sideways(
    tour: Console, pia: Person, webhook: str, name: str
):
    tour.allowed.add("404")  # somebody who is gone
    await tour.go(_PATHS[name].format(id=pia.id, webhook=webhook))

    await is_for_everybody(tour)
    tour.is_content()

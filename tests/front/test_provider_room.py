"""The providers as the sign-in page offers them, and the cookie of what is under way."""

from collections.abc import AsyncIterator

import pytest

from sidecar.login.pages import Offered
from tests.front.by_provider import Corp, a_corp, cookies_of
from tests.house import a_house

COOKIE = "__Host-sidecar-sign-in"


@pytest.fixture
async def corp(redis_url: str) -> AsyncIterator[Corp]:
    async with a_corp(redis_url, default="true") as made:
        yield made


async def test_given_providers_then_they_are_offered_and_nobody_is_sent_there(corp: Corp) -> None:
    room = corp.house.services.providers

    assert room is not None
    assert room.offered == (Offered("corp", "Example Corp", first=True),)
    assert room.auto is None


async def test_given_no_providers_then_nothing_of_it_is_there(redis_url: str) -> None:
    async with a_house(redis_url) as house:
        assert house.services.providers is None


async def test_given_nothing_under_way_any_more_then_the_cookie_goes(corp: Corp) -> None:
    response = await corp.sign_in()

    assert cookies_of(response)[COOKIE].startswith("Max-Age=0; Path=/")


async def test_given_new_keys_of_ours_then_what_is_under_way_is_finished(corp: Corp) -> None:
    first = await corp.go()
    await corp.house.keys.rotate()
    second = await corp.go()

    assert (await corp.back(first)).status == 303
    assert (await corp.back(second)).status == 303


async def test_given_a_cookie_twice_with_two_values_then_nothing_is_under_way(corp: Corp) -> None:
    query = await corp.go()
    corp.visitor.pending += f"; {COOKIE}=other"

    assert (await corp.back(query)).status == 400

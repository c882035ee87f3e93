from tests.house import a_house


async def test_given_the_public_address_then_cookie_and_headers_follow_it(redis_url: str) -> None:
    async with a_house(redis_url) as house:
        assert house.services.cookies.name == "__Host-sidecar"
        assert "Strict-Transport-Security" in house.services.headers.page

    async with a_house(redis_url, public_url="http://127.0.0.1:8080") as house:
        assert house.services.cookies.name == "sidecar"
        assert "Strict-Transport-Security" not in house.services.headers.page

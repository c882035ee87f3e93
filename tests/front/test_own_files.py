from tests.house import Visitor, a_house, served


async def test_given_every_file_that_a_page_names_then_it_is_there(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        for name in ("tokens.css", "signin.css", "signin.js", "icon.svg"):
            url = house.services.assets.url(name).removeprefix("/_sidecar")

            response = await Visitor(client).get(url)

            assert response.status == 200
            assert response.headers["ETag"] == f'"{url.split("/")[2]}"'


async def test_given_a_way_out_of_the_folder_then_there_is_nothing(redis_url: str) -> None:
    async with a_house(redis_url) as house, served(house) as client:
        for name in ("..%2f..%2fpyproject.toml", "%2e%2e", "signin.css%00"):
            assert (await Visitor(client).get(f"/assets/x/{name}")).status == 404

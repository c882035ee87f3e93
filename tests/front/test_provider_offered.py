"""How providers stand on the sign-in page: beside the password, first, or in place of it."""

from tests.front.by_provider import a_corp


async def test_given_the_sign_in_page_then_the_provider_is_offered_beside_the_password(
    redis_url: str,
) -> None:
    async with a_corp(redis_url) as corp:
        text = await (await corp.visitor.get("/login?return_to=/a")).text()

    assert 'href="/_sidecar/login/corp?return_to=/a"' in text
    assert "Continue with Example Corp" in text
    assert 'type="password"' in text


async def test_given_auto_then_who_has_to_sign_in_goes_there_and_who_signed_out_stays(
    redis_url: str,
) -> None:
    async with a_corp(redis_url, auto="true") as corp:
        visitor = corp.visitor
        there = await visitor.get("/login?return_to=/a")
        stays = [
            await visitor.get("/login?reason=session_signed_out"),
            await visitor.get("/login?local"),
        ]
        await corp.sign_in()
        stays.append(await visitor.get("/login"))
        await visitor.post("/logout")
        visitor.cookie = "__Host-sidecar=garbage"
        stays.append(await visitor.get("/login"))

        assert (there.status, there.headers["Location"]) == (
            303,
            "/_sidecar/login/corp?return_to=/a",
        )
        assert [response.status for response in stays] == [200] * 4

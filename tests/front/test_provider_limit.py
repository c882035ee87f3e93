"""At the cap by a provider: which session ends is chosen here, who it is is said there."""

from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.session import Limits
from tests.front.by_provider import a_corp
from tests.house import Visitor


async def test_given_the_cap_then_one_is_chosen_and_the_provider_says_again_who_it_is(
    redis_url: str,
) -> None:
    one = Policy(session=SessionPolicy(limits=Limits(max_per_user=1)))
    async with a_corp(redis_url, one) as corp:
        first, second = corp.visitor, Visitor(corp.visitor.client)
        await corp.sign_in(first)
        held = await (await first.get("/api/session")).json()

        page = await corp.sign_in(second, "?return_to=/a")
        text = await page.text()
        form = {"endSession": held["session"]["id"], "return_to": "/a"}
        response = await second.post("/login/corp", form, form=True)
        done = await corp.back(corp.op.authorize(response.headers["Location"]), second)

        assert page.status == 409
        assert 'action="/_sidecar/login/corp"' in text
        assert "Example Corp confirms again" in text
        assert 'type="password"' not in text
        assert (done.status, done.headers["Location"]) == (303, "/a")
        assert await corp.who(first) == "session_revoked"
        assert await corp.who(second) == "alice"


async def test_s_60_given_another_site_then_it_cannot_choose_what_ends(redis_url: str) -> None:
    async with a_corp(redis_url) as corp:
        attacker = Visitor(corp.visitor.client, headers={"Origin": "https://evil.example"})

        response = await attacker.post("/login/corp", {"endSession": "x"}, form=True)

        assert response.status == 403

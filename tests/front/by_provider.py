"""A house with one provider, and a browser that signs in by it."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http.cookies import SimpleCookie

from aiohttp import ClientResponse

from sidecar.app_identity import Identity, IdentityParts, identity_of
from sidecar.core.policy import Policy
from sidecar.settings_load import load_settings
from tests.house import MOUNT, PUBLIC_URL, House, Visitor, a_house, served
from tests.login.op import CLIENT, Op, an_op

DOOR = "/login/corp"


@dataclass
class Corp:
    house: House
    op: Op
    visitor: Visitor

    async def go(self, visitor: Visitor | None = None, query: str = "") -> dict[str, str]:
        """Go to the provider and sign in there; return what the browser brings back."""
        response = await (visitor or self.visitor).get(f"{DOOR}{query}")
        assert response.status == 303, await response.text()
        return self.op.authorize(response.headers["Location"])

    async def back(
        self, query: dict[str, str], visitor: Visitor | None = None, **more: str
    ) -> ClientResponse:
        visitor = visitor or self.visitor
        words = "&".join(f"{name}={value}" for name, value in query.items())
        return await visitor.get(f"{DOOR}/callback?{words}", **more)

    async def sign_in(self, visitor: Visitor | None = None, query: str = "") -> ClientResponse:
        return await self.back(await self.go(visitor, query), visitor)

    async def order(self, token: str, address: str = "192.0.2.1", **more: str) -> ClientResponse:
        """Send a logout token, as the provider's server does."""
        server = Visitor(self.visitor.client, address=address, headers={})
        body = {"logout_token": token}
        return await server.post(f"{DOOR}/backchannel-logout", body, form=True, **more)

    async def who(self, visitor: Visitor | None = None) -> str:
        """Return the name of whoever is signed in, or the code of the refusal."""
        response = await (visitor or self.visitor).get("/api/session")
        body = await response.json()
        return str(body["user"]["username"] if response.status == 200 else body["code"])


@asynccontextmanager
async def a_corp(redis_url: str, policy: Policy | None = None, **own: str) -> AsyncIterator[Corp]:
    """own: further settings of the provider."""
    clocks: list[House] = []

    def now() -> datetime:
        return clocks[0].clock.now()

    async with AsyncExitStack() as stack:
        op = await stack.enter_async_context(an_op(now))
        settings = load_settings(
            None,
            {},
            {
                "public_url": PUBLIC_URL,
                "mount": MOUNT,
                "identity.corp.kind": "oidc",
                "identity.corp.issuer": op.issuer,
                "identity.corp.client_id": CLIENT,
                "identity.corp.label": "Example Corp",
                **{f"identity.corp.{name}": value for name, value in own.items()},
            },
        )

        def identity(parts: IdentityParts) -> Identity:
            return identity_of(settings, parts, stack)

        house = await stack.enter_async_context(a_house(redis_url, policy, identity=identity))
        clocks.append(house)
        client = await stack.enter_async_context(served(house))
        yield Corp(house, op, Visitor(client))


def cookies_of(response: ClientResponse) -> dict[str, str]:
    """Return the attributes of each cookie that is set, by its name."""
    found: dict[str, str] = {}
    for line in response.headers.getall("Set-Cookie", []):
        jar: SimpleCookie = SimpleCookie()
        jar.load(line)
        found |= {name: line.partition(";")[2].strip() for name in jar}
    return found

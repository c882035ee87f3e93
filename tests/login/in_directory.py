"""A house whose people are in a directory, and a browser that signs in by it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import Any

from sidecar.app_identity import Identity, IdentityParts, identity_of
from sidecar.core.policy import Policy
from sidecar.login.directories import Directories
from sidecar.login.directory_check import DirectoryCheck
from sidecar.settings_load import load_settings
from sidecar.store.provider_book import StoredProviders
from tests.house import MOUNT, PUBLIC_URL, House, Visitor, a_house, served
from tests.login.slapd import PASSWORD, Slapd


@dataclass
class Corp:
    house: House
    book: StoredProviders
    visitor: Visitor

    @property
    def directories(self) -> Directories:
        found = self.house.services.directories
        assert found is not None
        return found

    def another(self) -> Visitor:
        return Visitor(self.visitor.client)

    async def enter(
        self, name: str, password: str = PASSWORD, visitor: Visitor | None = None
    ) -> tuple[int, Any]:
        """Sign in; return the status and the body."""
        response = await (visitor or self.visitor).sign_in(name, password)
        return response.status, await response.json()

    async def who(self, visitor: Visitor | None = None) -> str:
        """Return who is signed in, or the code of the refusal."""
        response = await (visitor or self.visitor).get("/api/session")
        body = await response.json()
        return str(body["user"]["username"] if response.status == 200 else body["code"])

    async def check(self) -> int:
        """Do what is done every so often."""
        self.house.clock.moved += timedelta(seconds=2)
        return await self._checking(_ours).check()

    async def keep_checking(self, hold: Callable[[], Awaitable[bool]]) -> None:
        """Do it again and again, without a pause. hold: says whether it is ours to do."""
        await self._checking(hold).keep(0)

    def _checking(self, hold: Callable[[], Awaitable[bool]]) -> DirectoryCheck:
        house, directory = self.house, self.directories.every[0]
        return DirectoryCheck(directory, self.book, house.services.policy, house.clock, hold)


async def _ours() -> bool:
    return True


@asynccontextmanager
async def a_corp(
    redis_url: str,
    slapd: Slapd,
    own: Mapping[str, str] = MappingProxyType({}),
    policy: Policy | None = None,
) -> AsyncIterator[Corp]:
    """own: further settings of the directory."""
    books: list[StoredProviders] = []
    async with AsyncExitStack() as stack:
        values = {**slapd.settings(), **own}
        given = {f"identity.corp.{name}": value for name, value in values.items()}
        settings = load_settings(None, {}, {"public_url": PUBLIC_URL, "mount": MOUNT, **given})

        def identity(parts: IdentityParts) -> Identity:
            books.append(StoredProviders(parts.database, parts.policy, parts.metrics))
            return identity_of(settings, parts, stack)

        house = await stack.enter_async_context(a_house(redis_url, policy, identity=identity))
        client = await stack.enter_async_context(served(house))
        yield Corp(house, books[0], Visitor(client))

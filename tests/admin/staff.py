"""People of every role, signed in at a house, and what they ask of the admin API."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sidecar.core.users import Role
from tests.house import Client, House, Visitor

NAMES = {Role.OWNER: "olga", Role.ADMIN: "adam", Role.VIEWER: "vera", Role.USER: "uma"}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/126.0.0.0 Safari/537.36"


@dataclass(frozen=True)
class Answer:
    """body: parsed JSON; of anything else its text."""

    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])

    @property
    def fields(self) -> list[str]:
        return [error["field"] for error in self.body["errors"]]


@dataclass
class Person:
    """Somebody who is signed in. id: theirs; handle: of their session."""

    visitor: Visitor
    id: str
    handle: str

    async def get(self, path: str, **query: object) -> Answer:
        return await self.ask("GET", path, query=query)

    async def post(self, path: str, body: object = None) -> Answer:
        return await self.ask("POST", path, body)

    async def patch(self, path: str, body: object) -> Answer:
        return await self.ask("PATCH", path, body)

    async def delete(self, path: str, **query: object) -> Answer:
        return await self.ask("DELETE", path, query=query)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
    ) -> Answer:
        """Ask the admin API. path: below `/api/admin`."""
        response = await self.visitor.send(
            method, f"/api/admin{path}" + (f"?{urlencode(query)}" if query else ""), body
        )
        text = await response.text()
        is_json = response.content_type.endswith("json")
        body = (await response.json(content_type=None)) if is_json and text else text
        return Answer(response.status, body, dict(response.headers))

    async def is_signed_in(self) -> bool:
        response = await self.visitor.get("/api/session")
        return response.status == 200


async def enter(
    house: House, client: Client, username: str, role: Role | None = None, address: str = ""
) -> Person:
    """Sign somebody in; role: of a person who is to be added before."""
    if role is not None:
        await house.add(username, role)
    visitor = Visitor(client, address=address or "203.0.113.9")
    visitor.headers["User-Agent"] = CHROME
    response = await visitor.sign_in(username)
    session = (await response.json())["session"]
    return Person(visitor, session["user"]["id"], session["id"])

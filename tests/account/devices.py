"""A person's devices, and what they ask of the self-service API."""

from dataclasses import dataclass
from typing import Any

from msgspec import to_builtins

from sidecar.admin.answers import audit_shape
from sidecar.core.audit_log import EVERYTHING
from tests.house import PASSWORD, Client, House, Visitor

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
NEW = "a harbour under the lantern"


@dataclass(frozen=True)
class Answer:
    """body: parsed JSON, None for an empty one."""

    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> str:
        return str(self.body["code"])


@dataclass
class Device:
    """Where somebody is signed in. handle: of the session there."""

    visitor: Visitor
    id: str
    handle: str

    async def ask(self, method: str, path: str, body: object = None) -> Answer:
        response = await self.visitor.send(method, path, body)
        text = await response.text()
        content = (await response.json(content_type=None)) if text else None
        return Answer(response.status, content, dict(response.headers))

    async def sessions(self, query: str = "") -> Any:
        """Return the list, as it was answered."""
        answer = await self.ask("GET", f"/api/sessions{query}")
        assert answer.status == 200, answer.body
        return answer.body

    async def end(self, handle: str) -> Answer:
        return await self.ask("DELETE", f"/api/sessions/{handle}")

    async def end_others(self) -> Answer:
        return await self.ask("DELETE", "/api/sessions")

    async def change_password(self, current: str = PASSWORD, new: str = NEW) -> Answer:
        return await self.ask("POST", "/api/password", {"current": current, "new": new})

    async def is_signed_in(self) -> bool:
        return (await self.visitor.get("/api/session")).status == 200


async def enter(
    client: Client, username: str, *, address: str = "203.0.113.9", password: str = PASSWORD
) -> Device:
    """Sign somebody in, on a device of its own."""
    visitor = Visitor(client, address=address)
    visitor.headers["User-Agent"] = FIREFOX
    response = await visitor.sign_in(username, password)
    assert response.status == 200, await response.text()
    session = (await response.json())["session"]
    return Device(visitor, session["user"]["id"], session["id"])


async def latest(house: House, count: int = 1) -> list[dict[str, Any]]:
    """Return the newest audit entries, as the admin API shows them."""
    page = await house.services.desk.audit.read(EVERYTHING, count)
    return [to_builtins(audit_shape(entry)) for entry in page.entries]

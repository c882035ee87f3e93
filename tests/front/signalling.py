"""A house with sources of signals, and what they send."""

import json
from typing import Any

from aiohttp import ClientResponse

from sidecar.core.signals import SharedSecret, SignalSource
from sidecar.login.signal_tokens import SignedTokens
from tests.house import House, Visitor
from tests.login.op import RSA_ONE
from tests.signing import SECRET, a_message

PATH = "/api/signals/revoke"
ONLY_ONE = b"a secret that is for one session"
SOURCES: dict[str, SignalSource] = {
    "hr": SharedSecret("hr", (SECRET,)),
    "edr": SharedSecret("edr", (ONLY_ONE,), frozenset({"session"})),
    "siem": SignedTokens("siem", (RSA_ONE,), "https://wiki.example.com"),
}


class Place:
    def __init__(self, house: House, maria: Visitor) -> None:
        self.house, self.maria = house, maria

    async def send(
        self,
        head: dict[str, str],
        body: bytes,
        *,
        source: str | None = "hr",
        kind: str = "application/json",
        address: str = "192.0.2.1",
        cookie: str = "",
    ) -> ClientResponse:
        """Send as a server does: without Origin."""
        server = Visitor(self.maria.client, cookie, address=address, headers={})
        query = f"?source={source}" if source is not None else ""
        return await server._send("POST", PATH + query, body, {"Content_Type": kind, **head})

    async def say(self, members: object, source: str | None = "hr", **more: Any) -> ClientResponse:
        return await self.send(*a_message(members, at=self.now, **more), source=source)

    @property
    def now(self) -> float:
        return self.house.clock.now().timestamp()

    async def who(self) -> str:
        response = await self.maria.get("/api/session")
        body = await response.json()
        return str(body["user"]["username"] if response.status == 200 else body["code"])

    async def refusals(self) -> list[dict[str, Any]]:
        entries = [json.loads(entry["e"]) for entry in await self.house.audit()]
        return [entry for entry in entries if entry.get("o") == "refused"]

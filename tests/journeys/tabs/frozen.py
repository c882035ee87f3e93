"""A Chromium of a test's own, spoken to in its debugging protocol: it can put a page to sleep."""

import asyncio
import json
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from tests.journeys.waiting import PATIENCE, until


class Moving(Exception):
    """One page is gone, and the next not there yet."""


class Page:
    """The one page of it."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = count(1)

    async def call(self, method: str, **given: object) -> dict[str, Any]:
        """Call a method of the protocol."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": given})
        async with asyncio.timeout(PATIENCE):
            while True:
                answer = await self._socket.receive_json()
                if answer.get("id") == number:
                    if "active page" in str(answer.get("error")):
                        raise Moving
                    assert "error" not in answer, answer
                    found: dict[str, Any] = answer["result"]
                    return found

    async def address(self) -> str:
        history = await self.call("Page.getNavigationHistory")
        return str(history["entries"][history["currentIndex"]]["url"])

    async def sleep(self) -> None:
        await self.call("Page.setWebLifecycleState", state="frozen")

    async def wake(self) -> None:
        await self.call("Page.setWebLifecycleState", state="active")

    async def until_at(self, part: str) -> None:
        async def there() -> bool:
            try:
                return part in await self.address()
            except Moving:
                return False

        await until(there, f"the page is at {part}")


@asynccontextmanager
async def chromium_with_a_page() -> AsyncIterator[Page]:
    """Start it with an empty page and a profile of its own."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    assert program is not None, "the tests need chromium on PATH"
    profile = Path(tempfile.mkdtemp(prefix="scc-", dir="/tmp"))
    flags = ["--headless=new", "--no-sandbox", "--remote-debugging-port=0", "--no-first-run"]
    process = await asyncio.create_subprocess_exec(
        *(program, *flags, f"--user-data-dir={profile}", "about:blank"),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    port_file = profile / "DevToolsActivePort"

    async def listens() -> bool:
        return port_file.exists() and "\n" in port_file.read_text()

    try:
        await until(listens, "Chromium listens")
        port = port_file.read_text().splitlines()[0]
        async with ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                targets = json.loads(await answer.text())
            url = next(one["webSocketDebuggerUrl"] for one in targets if one["type"] == "page")
            async with session.ws_connect(url, max_msg_size=0) as socket:
                page = Page(socket)
                await page.call("Page.enable")
                yield page
    finally:
        process.terminate()
        await process.wait()
        shutil.rmtree(profile, ignore_errors=True)

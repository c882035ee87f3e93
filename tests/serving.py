"""One worker as the product composes it, in the test's own loop: real Redis, real sockets."""

import asyncio
import json
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sidecar.app import serve
from sidecar.core.audit import SYSTEM
from sidecar.core.policy import Policy
from sidecar.core.users import Role, User
from sidecar.login.hashing import Hashing
from sidecar.observe.logs import LogHandler
from sidecar.observe.metrics import Metrics, new_slot
from sidecar.observe.output import LineWriter
from sidecar.policy_source import PolicySource
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.store.audit import Audit
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from sidecar.store.users import Users
from tests.wires import Answer, Wire, a_request, dial, until

PASSWORD = "a lantern over the harbour"
POLICY = '[[routes]]\npath = "/pub/**"\nallow = "anyone"\n'
DEADLINE = timedelta(seconds=5)


@dataclass
class Logs:
    """What the worker has logged: its lines, and of each its event."""

    path: Path
    handler: LogHandler

    @property
    def lines(self) -> list[str]:
        self.handler.flush()
        return self.path.read_text().splitlines()

    @property
    def events(self) -> list[str]:
        return [json.loads(line).get("event", "") for line in self.lines]


@dataclass
class Serving:
    """The running worker. metrics: its own; stop: what its supervisor would set."""

    settings: Settings
    policy_file: Path
    policy: PolicySource
    metrics: Metrics
    stop: asyncio.Event
    task: "asyncio.Task[None]"
    listening: socket.socket
    logs: "Logs"
    wires: list[Wire] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    @property
    def accepts(self) -> bool:
        open_still = self.listening.fileno() >= 0
        return open_still and bool(
            self.listening.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        )

    async def client(self, *, tls: ssl.SSLContext | None = None) -> Wire:
        wire = await dial(self.port, tls=tls)
        self.wires.append(wire)
        return wire

    async def ask(self, data: bytes) -> Answer:
        """Send one request on a connection of its own; return the answer."""
        client = await self.client()
        await client.send(data)
        answer = await client.answer()
        client.close()
        return answer

    async def sign_in(self, username: str, password: str = PASSWORD) -> Answer:
        body = json.dumps({"username": username, "password": password}).encode()
        lines = ("Content-Type: application/json", f"Origin: {self.settings.public_url}")
        return await self.ask(a_request("/_sidecar/login", *lines, method="POST", body=body))

    async def cookie_of(self, username: str) -> str:
        """Sign in; return the Cookie field of a browser that has."""
        answer = await self.sign_in(username)
        return f"Cookie: {answer.fields['set-cookie'].partition(';')[0]}"

    async def end(self) -> None:
        self.stop.set()
        async with asyncio.timeout(20):
            await self.task


@asynccontextmanager
async def a_sidecar(
    redis_url: str,
    upstream: str,
    folder: Path,
    *,
    ready: bool = True,
    context: ssl.SSLContext | None = None,
    **settings: str,
) -> AsyncIterator[Serving]:
    """Run a worker. settings: by dotted key, with `__` for the dot, as text."""
    flags = {name.replace("__", "."): text for name, text in settings.items()}
    policy_file = folder / "policy.toml"
    policy_file.write_text(POLICY)
    loaded = load_settings(
        None,
        {},
        {
            "upstream": upstream,
            "redis.url": redis_url,
            "redis.deadline": "5s",
            "state_dir": str(folder / "state"),
            "policy": str(policy_file),
            **flags,
        },
    )
    with logs_in(folder / "log") as logs:
        cells, stop, policy = new_slot(), asyncio.Event(), PolicySource(policy_file)
        metrics = Metrics(cells)
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        task = asyncio.create_task(serve(loaded, [listening], context, cells, policy, stop))
        serving = Serving(loaded, policy_file, policy, metrics, stop, task, listening, logs)
        try:
            if ready:
                await until(lambda: serving.accepts or task.done())
            yield serving
        finally:
            for wire in serving.wires:
                wire.abort()
            await serving.end()


@contextmanager
def logs_in(path: Path) -> Iterator[Logs]:
    """Send the logs of this process to a file too."""
    root = logging.getLogger()
    level = root.level
    with path.open("ab") as file:
        handler = LogHandler(LineWriter(file.fileno()), pretty=False, process="")
        root.addHandler(handler)
        root.setLevel("INFO")
        try:
            yield Logs(path, handler)
        finally:
            root.removeHandler(handler)
            root.setLevel(level)
            handler.flush()


@dataclass
class Store:
    """The store beside the worker: whoever holds the command line."""

    users: Users
    audit: Audit

    async def add(self, username: str, role: Role = Role.USER) -> User:
        hashing = Hashing()
        hashed = await hashing.hash_password(PASSWORD)
        hashing.close()
        return await self.users.add(username, hashed, role, SYSTEM, highest=Role.OWNER)


@asynccontextmanager
async def a_store(redis_url: str) -> AsyncIterator[Store]:
    database = Database(connect(redis_url, DEADLINE), Keys(), DEADLINE)
    yield Store(Users(database, Policy, Metrics.alone()), Audit(database))
    await database.close()

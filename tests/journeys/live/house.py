"""The product with two workers before that application, and an owner who acts."""

import asyncio
import json
from typing import Any

import psutil

from tests.journeys.live.application import Application
from tests.journeys.live.holding import Holding
from tests.journeys.raw import Answer, lay_out
from tests.journeys.running import MOUNT, Product, cookie, token_of
from tests.journeys.waiting import until

PASSWORD = "a long and unusual passphrase"


class House:
    """application, product: that run. owner: the token of somebody who may do everything."""

    def __init__(self, application: Application, product: Product) -> None:
        self.application = application
        self.product = product
        self.owner = ""

    async def ask(
        self, method: str, path: str, token: str, body: dict[str, Any] | None = None
    ) -> Answer:
        """Call our API."""
        data = b"" if body is None else json.dumps(body).encode()
        fields = [("Origin", self.product.public), cookie(token)]
        if body is not None:
            fields += [("Content-Type", "application/json"), ("Content-Length", str(len(data)))]
        return await self.product.ask(
            lay_out(f"{MOUNT}{path}", *fields, method=method, body=data), method=method
        )

    async def act(
        self, method: str, path: str, body: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Call the admin API as the owner, and succeed."""
        answer = await self.ask(method, f"/api/admin{path}", self.owner, body)
        assert answer.status in (200, 201, 204), answer
        return json.loads(answer.body) if answer.body else {}

    async def person(self, name: str, role: str = "user") -> str:
        """Make a person of that name; return their id."""
        made = await self.act(
            "POST", "/users", {"username": name, "password": PASSWORD, "role": role}
        )
        return str(made["id"])

    async def sign_in(self, name: str) -> str:
        """Sign in, once the store answers in time: a busy machine may need a second attempt."""
        answers: list[Answer] = []

        async def answered() -> bool:
            answers.append(await self.product.attempt(name, PASSWORD))
            return answers[-1].status != 503

        await until(answered, "the store answers")
        assert answers[-1].status == 200, answers[-1]
        return token_of(answers[-1])

    async def hold(self, token: str, times: int = 1) -> Holding:
        """Open some of each kind with that session."""
        return await Holding(self.product).open(token, times)

    async def hold_on_both(self, token: str) -> Holding:
        """Open as many as it takes for each worker to have some."""
        holding = await self.hold(token, 2)
        for _ in range(20):
            if await asyncio.to_thread(self._all_workers_at_it):
                return holding
            await holding.open(token)
        raise AssertionError("one worker never gets a connection")

    async def until_it_is_over(self, *paths: str, user: str) -> None:
        """Wait until the application has nothing more of that person."""
        for path in paths:

            async def is_over(path: str = path) -> bool:
                return self.application.is_over(path, user)

            await until(is_over, f"{path} is over for the application")

    def _all_workers_at_it(self) -> bool:
        """Say whether each worker has an open connection to the application."""
        return all(
            any(
                connection.status == psutil.CONN_ESTABLISHED
                and connection.raddr[1:] == (self.application.port,)
                for connection in psutil.Process(worker).net_connections("tcp")
            )
            for worker in self.product.workers()
        )


def handle_of(token: str) -> str:
    return token.split(".")[2]

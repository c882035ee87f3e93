"""People who ask again and again while something happens to the product."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.journeys.raw import lay_out
from tests.journeys.running import Product, cookie
from tests.journeys.waiting import until

_PAUSE = 0.02


@dataclass
class Load:
    """Several people at once who ask again and again."""

    product: Product
    seen: dict[str, set[int]] = field(default_factory=dict)
    answers: int = 0
    _going: bool = True

    @asynccontextmanager
    async def of(self, **tokens: str) -> AsyncIterator[None]:
        """Ask with each token from several connections while the block lasts."""
        self.seen = {name: set() for name in tokens}
        asking = [
            asyncio.create_task(self._ask(name, token))
            for name, token in tokens.items()
            for _ in range(3)
        ]
        try:
            yield
        finally:
            self._going = False
            await asyncio.gather(*asking)

    async def until_more(self, count: int = 30) -> None:
        """Wait until so many more answers have come."""
        goal = self.answers + count

        async def came() -> bool:
            return self.answers >= goal

        await until(came, f"{count} more answers")

    async def _ask(self, name: str, token: str) -> None:
        while self._going:
            try:
                answer = await self.product.ask(lay_out("/page", cookie(token)))
            except (OSError, EOFError, TimeoutError):
                await asyncio.sleep(_PAUSE)  # a killed worker had that connection
                continue
            self.seen[name].add(answer.status)
            self.answers += 1
            assert not answer.all("set-cookie") or answer.status == 401

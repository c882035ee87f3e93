"""A process that sends webhooks, to be killed. Arguments: Redis, how long claims last (ms)."""

import asyncio
import sys
from datetime import timedelta

from tests.receivers import Sending
from tests.store.rig import a_rig


async def main(url: str, lapse: str) -> None:
    async with a_rig(url) as rig:
        sending = Sending(rig, lapse=timedelta(milliseconds=int(lapse)))
        async with sending.worker():
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""The receiver of the README, run as it is written there."""

import asyncio
import os
import re
import sys
from pathlib import Path

from sidecar.core.webhooks import DeliveryState, write_secret
from tests.ports import free_port
from tests.receivers import Sending
from tests.store.rig import a_rig

README = Path(__file__).parents[2] / "README.md"


async def test_given_the_receiver_of_the_readme_then_it_verifies_what_is_sent_and_says_so(
    redis_url: str,
) -> None:
    examples = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    (example,) = [one for one in examples if "standardwebhooks" in one]
    port = free_port()
    async with a_rig(redis_url) as rig:
        sending = Sending(rig)
        endpoint_id, secret = await sending.endpoint(f"http://127.0.0.1:{port}/", "user.created")
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            example.replace("9000", str(port)),
            env=os.environ | {"SECRET": write_secret(secret)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert process.stdout is not None
        try:
            async with sending.worker():
                await rig.a_user("maria")
                said = await asyncio.wait_for(process.stdout.readline(), 30)
                (done,) = await sending.settled(endpoint_id)
        finally:
            process.kill()
            await process.wait()

    assert said.startswith(b"user.created {")
    assert b"'username': 'maria'" in said
    assert done.state is DeliveryState.DELIVERED

"""The example of the README, run as it is shown."""

import asyncio
import re
from pathlib import Path

from sidecar.core.signals import SharedSecret, read_secrets
from tests.house import Visitor, a_house, served
from tests.rules.source import ROOT

README = (ROOT / "README.md").read_text("utf-8")
SECTION = README.partition("## Another system ends sessions")[2].partition("\n## ")[0]


async def run(script: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        *("bash", "-euc", script), stdout=asyncio.subprocess.PIPE, cwd=folder
    )
    said, _ = await process.communicate()
    return said.decode().strip()


async def test_given_the_example_when_it_is_run_then_marias_sessions_end(
    redis_url: str, tmp_path: Path
) -> None:
    made = re.search(r"`(echo \"whsec_[^`]*)`", SECTION)
    shown = re.search(r"```sh\n(.*?)```", SECTION, re.DOTALL)
    assert made
    assert shown
    await run(made[1], tmp_path)
    secrets = read_secrets((tmp_path / "hr.secret").read_text())
    sources = {"hr": SharedSecret("hr", secrets), "siem": SharedSecret("siem", secrets)}
    async with a_house(redis_url, signals=sources) as house, served(house) as client:
        await house.add("maria")
        browsers = [Visitor(client), Visitor(client)]
        for browser in browsers:
            assert (await browser.sign_in("maria")).status == 200
        script = shown[1].replace("http://localhost:8080", str(client.make_url("")).rstrip("/"))

        assert await run(script, tmp_path) == '{"revoked":2,"repeated":false}'

        for browser in browsers:
            assert (await browser.get("/api/session")).status == 401

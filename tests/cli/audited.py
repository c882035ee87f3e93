"""An installation with a sealed audit log, and its commands as people type them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sidecar.cli.main import main
from sidecar.store.audit_sealer import Sealer
from sidecar.store.seal import secret_of
from tests.store.rig import Rig, a_rig
from tests.store.sealing import Log

Output = pytest.CaptureFixture[str]


class Installation:
    """redis_url: of its store, which runs already. Its state folder has the secret."""

    def __init__(self, folder: Path, redis_url: str, output: Output) -> None:
        self.state_dir = folder / "state"
        self.config = folder / "sidecar.toml"
        self.config.write_text(f'state_dir = "{self.state_dir}"\n[redis]\nurl = "{redis_url}"\n')
        self._redis_url = redis_url
        self._output = output
        self.error = ""

    def __call__(self, *words: str) -> tuple[int, str]:
        """Run a command; return its exit code and what it said."""
        code = main(["--config", str(self.config), "audit", *words])
        said = self._output.readouterr()
        self.error = said.err
        return code, said.out

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json")[1])

    def seal(self, *counts: int) -> list[str]:
        """Add entries and seal them, once for each count; return all ids."""

        async def do(log: Log) -> list[str]:
            return await log.seal(*counts)

        ids: list[str] = self.with_log(do)
        return ids

    def with_log(self, do: Callable[[Log], Awaitable[Any]]) -> Any:
        async def run() -> Any:
            async with a_rig(self._redis_url) as rig:
                return await do(self._log(rig))

        return asyncio.run(run())

    def _log(self, rig: Rig) -> Log:
        log = Log(rig, self.state_dir)
        secret = secret_of(self.state_dir)
        log.sealer = Sealer(rig.database, secret, lambda: rig.policy, self.state_dir)
        return log


@pytest.fixture
def audit(tmp_path: Path, redis_url: str, capsys: Output) -> Installation:
    return Installation(tmp_path, redis_url, capsys)

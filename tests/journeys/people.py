"""People in the store of an installation, added as `sidecar users add` does it, but without a
process for each: what the command line does has tests of its own."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sidecar.cli.at_hand import store_for
from sidecar.core.audit import SYSTEM
from sidecar.core.users import Role
from sidecar.login.hashing import Hashing
from sidecar.settings_load import load_settings

_hashes: dict[str, str] = {}
"""Password to hash. To make one is meant to be slow."""


def add_person(
    config: Path,
    name: str,
    password: str,
    role: str,
    *,
    email: str = "",
    groups: tuple[str, ...] = (),
    must_change: bool = False,
) -> None:
    """Add somebody. A loop may be running here, so that another thread does it."""

    async def add() -> None:
        async with store_for(load_settings(config, {}, {})) as store:
            await store.users.add(
                name,
                await _hashed(password),
                Role.parse(role),
                SYSTEM,
                highest=Role.OWNER,
                must_change=must_change,
                email=email,
                groups=groups,
            )

    with ThreadPoolExecutor(1) as other:
        other.submit(asyncio.run, add()).result()


async def _hashed(password: str) -> str:
    if password not in _hashes:
        hashing = Hashing()
        try:
            _hashes[password] = await hashing.hash_password(password)
        finally:
            hashing.close()
    return _hashes[password]

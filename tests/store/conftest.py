"""The rig, on one partition and on many, as on a cluster."""

from collections.abc import AsyncIterator

import pytest

from tests.store.rig import Rig, a_rig


@pytest.fixture(params=[1, 64])
async def rig(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with a_rig(redis_url, request.param) as rig:
        yield rig

"""The rig, on one partition and on many, and on a cluster."""

from collections.abc import AsyncIterator, Iterator

import pytest

from tests.store.cluster_nodes import a_cluster
from tests.store.rig import Rig, a_rig


@pytest.fixture(params=[1, 64])
async def rig(redis_url: str, request: pytest.FixtureRequest) -> AsyncIterator[Rig]:
    async with a_rig(redis_url, request.param) as rig:
        yield rig


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    with a_cluster() as url:
        yield url


@pytest.fixture
async def wide(cluster: str) -> AsyncIterator[Rig]:
    async with a_rig(cluster, 64) as rig:
        yield rig

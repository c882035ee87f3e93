"""The strict check's look at a Redis Cluster of two nodes."""

import asyncio
from datetime import timedelta

from sidecar.core.ports import Look, StoreUnavailable, Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.token import new_handle
from sidecar.store.cluster_reads import ClusterReads
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from tests.store.rig import Rig
from tests.store.seeds import ADMIN, NOW, random_bytes


class Noted:
    """What the reads tell of the store."""

    def __init__(self) -> None:
        self.states: list[bool] = []
        self.seconds: list[float] = []


def reads_of(database: Database, noted: Noted) -> ClusterReads:
    return ClusterReads(database, noted.states.append, noted.seconds.append)


async def look(reads: ClusterReads, *handles: Handle) -> list[Look]:
    """Ask about all of them within one turn of the event loop."""
    loop = asyncio.get_running_loop()
    futures: list[asyncio.Future[Look]] = []
    for handle in handles:
        future: asyncio.Future[Look] = loop.create_future()
        reads.ask(handle, future.set_result)
        futures.append(future)
    async with asyncio.timeout(10):
        return list(await asyncio.gather(*futures))


async def test_given_sessions_on_both_nodes_when_they_are_asked_for_at_once_then_each_is_found(
    wide: Rig,
) -> None:
    opened = [await wide.open(await wide.a_user(f"user{number}")) for number in range(12)]
    handles = [one.session.handle for one in opened]
    noted = Noted()

    found = await look(reads_of(wide.database, noted), *handles, handles[0])

    sessions = [one for one in found if isinstance(one, Session)]
    assert [one.handle for one in sessions] == [*handles, handles[0]]
    partitions = {wide.keys.partition_of(handle) for handle in handles}
    assert len(noted.seconds) == len(partitions) > 1  # one command for each, not for each request
    assert set(noted.states) == {True}


async def test_given_an_ended_session_and_one_that_never_was_then_they_are_told_apart(
    wide: Rig,
) -> None:
    ended = (await wide.open(await wide.a_user("alice"))).session.handle
    await wide.sessions.end(ended, Ended.REVOKED, ADMIN)
    never = new_handle(NOW, 7, random_bytes())

    tombstone, nothing = await look(reads_of(wide.database, Noted()), ended, never)

    assert isinstance(tombstone, Tombstone)
    assert tombstone.reason is Ended.REVOKED
    assert nothing is None


async def test_given_no_cluster_when_it_is_asked_then_it_is_silent_and_that_is_told() -> None:
    client = connect("redis+cluster://127.0.0.1:1", timedelta(seconds=1))
    database = Database(client, Keys(partitions=64), timedelta(seconds=1))
    noted = Noted()

    (found,) = await look(reads_of(database, noted), new_handle(NOW, 0, random_bytes()))

    assert isinstance(found, StoreUnavailable)
    assert noted.states == [False]
    await database.close()

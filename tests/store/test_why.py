"""Why the store does not answer, in words, against servers that really refuse."""

import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis.exceptions import ClusterDownError, MovedError, OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as NoReply

from sidecar.core.ports import StoreUnavailable
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from sidecar.store.why import why_unavailable

_DEADLINE = timedelta(milliseconds=300)


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port that is taken, and where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def why(url: str) -> str:
    database = Database(connect(url, _DEADLINE), Keys("sidecar", 1), _DEADLINE)
    try:
        with pytest.raises(StoreUnavailable) as silent:
            await database.command("GET", "a")
        return why_unavailable(silent.value)
    finally:
        await database.close()


async def test_given_nobody_at_the_address_then_the_system_s_words_are_said(
    nobody: int, tmp_path: Path
) -> None:
    assert await why(f"redis://127.0.0.1:{nobody}/0") == "connection refused"
    assert await why(f"unix://{tmp_path}/none") == "no such file or directory"


async def test_given_a_wrong_password_then_it_is_said_that_it_is_wrong_and_not_repeated(
    redis_url: str,
) -> None:
    path = redis_url.removeprefix("unix://").partition("?")[0]

    said = await why(f"unix://me:hunter2@{path}")

    assert said == "it does not accept the user name and password of the URL"


async def test_given_a_database_that_is_not_there_then_its_number_is_what_is_wrong(
    redis_url: str,
) -> None:
    path = redis_url.removeprefix("unix://").partition("?")[0]

    assert await why(f"unix://{path}?db=99999") == "it has no database of that number"


async def test_given_a_sentinel_that_is_not_there_then_no_master_is_known(nobody: int) -> None:
    said = await why(f"redis+sentinel://127.0.0.1:{nobody}/main")

    assert said == "no Sentinel that answers knows a healthy master of that name"


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (NoReply("hunter2"), "no reply in time"),
        (TimeoutError(), "no reply in time"),
        (ReadOnlyError("hunter2"), "it is a replica, which takes no changes"),
        (OutOfMemoryError("hunter2"), "its memory is full (see maxmemory)"),
        (MovedError("1 h:1"), "it is part of a Redis Cluster, whose URL begins redis+cluster://"),
        (ClusterDownError("hunter2"), "the cluster is down"),
        (ssl.SSLError(1, "[SSL] wrong version number"), "[ssl] wrong version number"),
        (OSError("hunter2"), ""),
        (None, ""),
    ],
)
def test_given_a_cause_then_its_kind_is_said_and_never_its_text(
    cause: Exception | None, words: str
) -> None:
    failure = StoreUnavailable("hunter2")
    failure.__cause__ = cause

    assert why_unavailable(failure) == words

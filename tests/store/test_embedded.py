"""The redis-server of our own: persistence, one holder, clear errors."""

import math
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import redis as redis_py

from sidecar.store.embedded import (
    EmbeddedRedis,
    EmbeddedRedisFailed,
    connect_or_start,
    recorded_socket,
)
from sidecar.store.redis_program import RedisProgram


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(tmp_path / "state")
    yield server
    server.stop()


def test_given_a_new_folder_when_the_server_starts_then_only_we_may_open_its_socket(
    server: EmbeddedRedis, tmp_path: Path
) -> None:
    url = server.start()

    socket_path = Path(url.removeprefix("unix://"))
    assert stat.S_IMODE(socket_path.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "state" / "redis").stat().st_mode) == 0o700
    with redis_py.Redis.from_url(url) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("appendfsync") == {"appendfsync": "always"}
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_given_written_data_when_the_server_is_killed_and_started_again_then_it_is_there(
    server: EmbeddedRedis,
) -> None:
    url = server.start()
    with redis_py.Redis.from_url(url) as client:
        client.set("kept", "yes")
    os.kill(server.pid or 0, 9)
    while server.pid:
        time.sleep(0.01)

    server.restart()

    with redis_py.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"


def test_given_a_path_too_long_for_a_socket_then_it_is_elsewhere_and_commands_find_it(
    tmp_path: Path,
) -> None:
    state = tmp_path / ("long" * 30)
    server = EmbeddedRedis(state)
    server.start()

    try:
        recorded = recorded_socket(state / "redis")
        assert recorded is not None
        assert recorded.parent.parent != state
        assert stat.S_IMODE(recorded.parent.stat().st_mode) == 0o700
        with connect_or_start(state) as url:
            assert url == server.url
        os.kill(server.pid or 0, 9)
        while server.pid:
            time.sleep(0.01)
        server.restart()
        assert recorded_socket(state / "redis") == recorded
        with connect_or_start(state) as url, redis_py.Redis.from_url(url) as client:
            assert client.ping()
    finally:
        server.stop()
    assert not recorded.parent.exists()


def test_given_a_held_server_when_another_wants_to_hold_it_then_it_is_told_who_does(
    server: EmbeddedRedis, tmp_path: Path
) -> None:
    server.start()

    with pytest.raises(EmbeddedRedisFailed, match=f"process {os.getpid()}"):
        EmbeddedRedis(tmp_path / "state").start()


def test_given_a_held_server_when_a_second_sidecar_starts_then_it_is_refused_without_waiting(
    server: EmbeddedRedis, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.store.embedded._TURN_TIME", math.inf)
    server.start()

    with pytest.raises(EmbeddedRedisFailed, match="in use by another sidecar"):
        EmbeddedRedis(tmp_path / "state").start()


def test_given_a_command_that_holds_the_server_when_a_sidecar_starts_then_it_waits_for_its_turn(
    server: EmbeddedRedis, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(1) as others:
        with connect_or_start(tmp_path / "state") as url:
            starting = others.submit(server.start)
            assert not starting.done()
            with redis_py.Redis.from_url(url) as client:
                client.set("kept", "yes")

        with redis_py.Redis.from_url(starting.result()) as client:
            assert client.get("kept") == b"yes"


def test_given_no_server_when_a_command_needs_one_then_it_runs_as_long_as_the_command(
    tmp_path: Path,
) -> None:
    with connect_or_start(tmp_path) as url, redis_py.Redis.from_url(url) as client:
        client.set("kept", "yes")

    with pytest.raises(redis_py.ConnectionError), redis_py.Redis.from_url(url) as client:
        client.ping()
    with connect_or_start(tmp_path) as url, redis_py.Redis.from_url(url) as client:
        assert client.get("kept") == b"yes"


def test_given_a_holder_that_was_killed_when_the_next_one_starts_then_it_ends_the_orphan_first(
    tmp_path: Path, server: EmbeddedRedis
) -> None:
    state = tmp_path / "state"
    program = (
        "import os, pathlib, redis, sys\n"
        "from sidecar.store.embedded import EmbeddedRedis\n"
        "server = EmbeddedRedis(pathlib.Path(sys.argv[1]))\n"
        "redis.Redis.from_url(server.start()).set('kept', 'yes')\n"
        "print(server.pid, flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, state], capture_output=True, text=True, check=False
    )
    orphan = int(done.stdout)

    server.start()

    assert server.pid != orphan
    with redis_py.Redis.from_url(server.url) as client:
        assert client.get("kept") == b"yes"


def test_given_a_folder_that_cannot_be_written_then_it_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file, not a folder")

    with pytest.raises(EmbeddedRedisFailed, match=r"cannot use the folder .*: "):
        EmbeddedRedis(tmp_path / "state").start()


def test_given_no_redis_server_then_it_is_said_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sidecar.store.embedded.find_program", lambda: None)

    with pytest.raises(EmbeddedRedisFailed, match="install redis-server or valkey-server"):
        EmbeddedRedis(tmp_path).start()


def test_given_data_of_redis_7_and_only_an_older_server_then_it_refuses_to_begin_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    old = RedisProgram(Path("/nowhere"), (6, 2, 14), bundled=True)
    monkeypatch.setattr("sidecar.store.embedded.find_program", lambda: old)

    with pytest.raises(EmbeddedRedisFailed, match="written by Redis 7"):
        EmbeddedRedis(tmp_path).start()


def test_given_a_damaged_data_file_then_the_servers_last_words_are_shown(
    server: EmbeddedRedis, tmp_path: Path
) -> None:
    server.start()
    server.stop()
    for file in (tmp_path / "state" / "redis" / "appendonlydir").glob("*"):
        file.write_bytes(b"not an append-only file\r\n" * 3)

    with pytest.raises(EmbeddedRedisFailed, match=r"ended at once: .+"):
        server.start()

"""The store that a command finds."""

import json
from pathlib import Path

import pytest
from redis import Redis

from sidecar.cli.main import main
from sidecar.store.embedded import EmbeddedRedis

Output = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path) -> str:
    file = tmp_path / "sidecar.toml"
    file.write_text(f'state_dir = "{tmp_path / "state"}"\n')
    return str(file)


def test_given_no_sidecar_that_runs_when_a_command_is_given_then_it_starts_the_store_itself(
    config: str, capsys: Output
) -> None:
    assert main(["users", "list", "--json", "--config", config]) == 0

    assert json.loads(capsys.readouterr().out) == {"items": [], "total": 0}


def test_given_a_sidecar_that_holds_the_store_when_a_command_is_given_then_it_uses_that(
    config: str, tmp_path: Path, capsys: Output
) -> None:
    server = EmbeddedRedis(tmp_path / "state")
    server.start()

    try:
        assert main(["sessions", "list", "--json", "--config", config]) == 0
        assert server.pid is not None
    finally:
        server.stop()


def test_given_a_redis_that_is_not_there_then_it_is_one_line(
    tmp_path: Path, capsys: Output
) -> None:
    file = tmp_path / "sidecar.toml"
    file.write_text(f'state_dir = "{tmp_path}"\n[redis]\nurl = "unix://{tmp_path}/none"\n')

    assert main(["users", "list", "--config", str(file)]) == 1
    assert capsys.readouterr().err == (
        f"sidecar: the store unix://{tmp_path}/none does not answer: no such file or directory\n"
    )


def test_given_a_redis_that_refuses_us_then_the_line_names_it_without_what_is_secret(
    tmp_path: Path, redis_url: str, capsys: Output
) -> None:
    file = tmp_path / "sidecar.toml"
    socket_path = redis_url.removeprefix("unix://").partition("?")[0]
    url = f"unix://me:hunter2@{socket_path}?db=0"
    file.write_text(f'state_dir = "{tmp_path}"\n[redis]\nurl = "{url}"\n')

    assert main(["users", "list", "--config", str(file)]) == 1
    assert capsys.readouterr().err == (
        f"sidecar: the store unix://***@{socket_path} does not answer: "
        "it does not accept the user name and password of the URL\n"
    )


def test_given_an_embedded_store_that_stops_answering_then_the_line_names_its_folder(
    config: str, tmp_path: Path, capsys: Output
) -> None:
    server = EmbeddedRedis(tmp_path / "state")
    with Redis.from_url(server.start()) as client:
        client.execute_command("ACL", "SETUSER", "default", "-time")

    try:
        assert main(["users", "list", "--config", config]) == 1
    finally:
        server.stop()
    assert capsys.readouterr().err == (
        f"sidecar: the store of {tmp_path / 'state'} does not answer: "
        "its user may not run a command that is needed (see ACL)\n"
    )


def test_given_a_state_folder_that_cannot_be_used_then_it_is_one_line(
    tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "state").write_text("a file")
    file = tmp_path / "sidecar.toml"
    file.write_text(f'state_dir = "{tmp_path / "state"}"\n')

    assert main(["users", "list", "--config", str(file)]) == 1
    error = capsys.readouterr().err
    assert error.startswith("sidecar: cannot use the folder")
    assert error.count("\n") == 1

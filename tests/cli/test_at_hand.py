"""The store that a command finds."""

import json
from pathlib import Path

import pytest

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
    assert capsys.readouterr().err == "sidecar: the store does not answer\n"


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

"""How `sidecar run` refuses; how it runs is in `journeys/`."""

import socket
from pathlib import Path

import pytest

from sidecar.cli.main import main
from tests.running import config_file


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def refused(capsys: pytest.CaptureFixture[str], *words: str, code: int = 1) -> str:
    """Run the command; return the one line that it says."""
    assert main(["run", *words]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


def test_given_no_upstream_when_it_is_run_then_one_line_says_how_to_name_it(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = config_file(tmp_path, "")

    assert "--upstream" in refused(capsys, "--config", str(config))


def test_given_an_upstream_that_is_no_url_when_it_is_run_then_one_line_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = config_file(tmp_path, "")

    line = refused(capsys, "--config", str(config), "--upstream", "localhost", code=2)

    assert line.startswith("sidecar: --upstream: ")


def test_given_a_port_in_use_when_it_is_run_then_one_line_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    config = config_file(tmp_path, 'upstream = "http://127.0.0.1:9"\n')
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"

        line = refused(capsys, "--config", str(config), "--listen", address)

    assert line == f"sidecar: cannot listen on {address}: address already in use\n"


def test_given_a_state_folder_that_cannot_be_made_when_it_is_run_then_one_line_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file")
    config = config_file(tmp_path, 'upstream = "http://127.0.0.1:9"\n')

    line = refused(capsys, "--config", str(config))

    assert "state folder" in line


def test_given_a_secret_that_is_too_short_when_it_is_run_then_one_line_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "secret").write_text("short")
    config = config_file(tmp_path, 'upstream = "http://127.0.0.1:9"\nsecret_file = "secret"\n')

    assert "secret file" in refused(capsys, "--config", str(config))


def test_given_a_certificate_that_is_none_when_it_is_run_then_one_line_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "cert.pem").write_text("no certificate")
    (tmp_path / "key.pem").write_text("no key")
    config = config_file(
        tmp_path,
        'upstream = "http://127.0.0.1:9"\n[tls]\ncertificate = "cert.pem"\nkey = "key.pem"\n',
    )

    assert "cannot use" in refused(capsys, "--config", str(config))

"""What a machine lacks is said in one line, with the way to get it; nothing goes on without."""

import subprocess
from pathlib import Path

import pytest

from tests.rules.source import ROOT

OLD = 'case "$2" in *version_info*) exit 1 ;; esac\necho Python 3.9.2'
WITHOUT_VENV = 'case "$2" in *ensurepip*) exit 1 ;; esac'


def program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def run(*command: str | Path, path: str = "/usr/bin:/bin") -> subprocess.CompletedProcess[str]:
    environ = {"PATH": path}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (OLD, "is Python 3.9.2, but Python 3.11 or later is needed; name one: make PYTHON="),
        (WITHOUT_VENV, "cannot make virtual environments: install its venv package (Debian: apt-"),
    ],
)
def test_given_a_python_that_will_not_do_when_an_environment_is_made_then_one_line_says_why(
    tmp_path: Path, script: str, line: str
):
    python = program(tmp_path / "python3", script)

    done = run(ROOT / ".ci" / "venv", python, tmp_path / "venv")

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert line in done.stderr
    assert not (tmp_path / "venv").exists()


def test_given_no_python_when_an_environment_is_made_then_one_line_says_how_to_get_it(
    tmp_path: Path,
):
    done = run(ROOT / ".ci" / "venv", tmp_path / "python3", tmp_path / "venv")

    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "install Python 3.11 or later (Debian: apt-get install python3" in done.stderr


def test_given_missing_programs_and_no_root_when_they_are_needed_then_the_way_is_said(
    tmp_path: Path,
):
    program(tmp_path / "id", "echo 1000")
    program(tmp_path / "openssl", "exit 0")

    done = run("/bin/bash", ROOT / ".ci" / "needs", "test", path=str(tmp_path))

    assert done.returncode == 1
    assert "redis-server" in done.stderr.splitlines()[0]
    assert "openssl" not in done.stderr
    assert "sudo apt-get install --no-install-recommends redis-server" in done.stderr


def test_given_every_program_when_they_are_needed_then_nothing_is_said(tmp_path: Path):
    alerting = ("prometheus", "prometheus-alertmanager")
    for name in ("redis-server", "nginx", "chromium", "openssl", "curl", "node", "npm", *alerting):
        program(tmp_path / name, "exit 0")

    done = run("/bin/bash", ROOT / ".ci" / "needs", "test", path=str(tmp_path))

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")

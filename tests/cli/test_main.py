"""The frame of the command line: words, options around them, exit codes, errors as one line."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sidecar import __version__
from sidecar.cli import check
from sidecar.cli.main import main

Output = pytest.CaptureFixture[str]


@pytest.mark.parametrize(
    "words",
    [["--json", "version"], ["version", "--json"], ["--json", "version", "--config", "x"]],
)
def test_given_options_before_or_after_the_word_when_it_runs_then_they_count(
    words: list[str], capsys: Output
) -> None:
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == {"version": __version__}


@pytest.mark.parametrize("words", [["version"], ["--version"]])
def test_given_the_version_when_it_is_asked_then_it_is_printed(
    words: list[str], capsys: Output
) -> None:
    assert main(words) == 0
    assert capsys.readouterr().out == f"sidecar {__version__}\n"


@pytest.mark.parametrize("words", [["--help"], ["check", "--help"]])
def test_given_a_cry_for_help_when_it_runs_then_the_options_are_named(
    words: list[str], capsys: Output
) -> None:
    assert main(words) == 0
    assert "--config FILE" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", [[], ["dance"], ["check", "--loud"], ["check", "a", "b"], ["--config"], ["--conf=x"]]
)
def test_given_words_that_make_no_sense_when_it_runs_then_it_is_one_line_and_2(
    words: list[str], capsys: Output
) -> None:
    code = main(words)

    out, err = capsys.readouterr()
    assert code == 2
    assert out == ""
    assert err.startswith("sidecar: ")
    assert len(err.splitlines()) == 1


async def _refuse(args: argparse.Namespace) -> int:
    return 1


def _break(args: argparse.Namespace) -> int:
    raise ZeroDivisionError("hunter2")


def _interrupt(args: argparse.Namespace) -> int:
    raise KeyboardInterrupt


def test_given_a_command_that_waits_when_it_runs_then_its_code_is_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(check, "run", _refuse)

    assert main(["check"]) == 1


def test_given_a_bug_when_a_command_runs_then_there_is_a_line_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(check, "run", _break)

    code = main(["check"])

    err = capsys.readouterr().err
    assert code == 1
    assert err.startswith("sidecar: internal error: ZeroDivisionError at ")
    assert "Traceback" not in err
    assert "hunter2" not in err


def test_given_ctrl_c_when_a_command_runs_then_it_ends_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: Output
) -> None:
    monkeypatch.setattr(check, "run", _interrupt)

    assert main(["check"]) == 130
    assert capsys.readouterr() == ("", "")


def test_given_a_reader_that_left_when_a_command_prints_then_nothing_is_complained_about() -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run(
        [sys.executable, "-m", "sidecar", "version"],
        stdout=writing,
        stderr=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "PYTHONUNBUFFERED": ""},
        check=False,
    )
    os.close(writing)

    assert (done.returncode, done.stderr) == (0, b"")

"""What commands print, and what an error becomes."""

import json
import os
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sidecar.cli.common import (
    DONE,
    REFUSED,
    USAGE,
    CommandFailed,
    complain,
    config_of,
    explain,
    print_items,
    print_result,
    settings_of,
    store_settings_of,
)
from sidecar.core.ports import LastOwner, NoSuchUser, SessionGone, StoreUnavailable, UserExists
from sidecar.faults import Fault
from sidecar.policy_file import PolicyInvalid
from sidecar.settings_load import SettingsInvalid

AT = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)
ITEMS: list[Mapping[str, object]] = [
    {"id": "1", "name": "ann", "groups": ["a", "b"], "createdAt": AT},
    {"id": "2", "name": "Bo\x1b[2J\nby", "groups": [], "createdAt": None},
]
COLUMNS = {"NAME": "name", "GROUPS": "groups", "CREATED": "createdAt"}
Output = pytest.CaptureFixture[str]


def test_given_items_when_they_are_printed_for_people_then_columns_line_up(capsys: Output) -> None:
    print_items(Namespace(), ITEMS, COLUMNS, total=5)

    assert capsys.readouterr().out.splitlines() == [
        "NAME       GROUPS  CREATED",
        "ann        a, b    2026-01-02T03:04:05.678Z",
        "Bo\ufffd[2J\ufffdby  -       -",
        "2 of 5",
    ]


def test_given_items_when_they_are_printed_as_json_then_every_key_is_there(capsys: Output) -> None:
    print_items(Namespace(json=True), ITEMS, COLUMNS, total=2)

    document = json.loads(capsys.readouterr().out)
    assert document["total"] == 2
    assert document["items"][0]["createdAt"] == "2026-01-02T03:04:05.678Z"
    assert document["items"][1]["name"] == ITEMS[1]["name"]


def test_given_a_result_when_it_is_printed_then_people_get_the_sentence(capsys: Output) -> None:
    print_result(Namespace(), {"ended": 2}, "Ended 2 sessions of \x1bann")
    print_result(Namespace(json=True), {"ended": 2}, "")

    assert capsys.readouterr().out == 'Ended 2 sessions of \ufffdann\n{\n  "ended": 2\n}\n'


def test_given_no_name_when_the_configuration_is_looked_for_then_the_usual_one_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = config_of(Namespace())
    (tmp_path / "sidecar.toml").write_text("workers = 3")

    assert before is None
    assert config_of(Namespace(config="x.toml")) == Path("x.toml")
    assert settings_of(Namespace(), {"mount": "/m"}).workers == 3


@pytest.mark.parametrize(
    ("error", "line", "code"),
    [
        (CommandFailed("no"), "no", REFUSED),
        (CommandFailed("what?", USAGE), "what?", USAGE),
        (SettingsInvalid([Fault("f.toml", "k", "is bad")]), "f.toml: k: is bad", REFUSED),
        (SettingsInvalid([Fault("--k", "k", "is bad")]), "--k: is bad", USAGE),
        (PolicyInvalid([Fault("p.toml", "", "is bad")]), "p.toml: is bad", REFUSED),
        (StoreUnavailable("redis://:hunter2@x"), "the store does not answer", REFUSED),
        (NoSuchUser(), "nobody has that name", REFUSED),
        (UserExists(), "there already is a person of that name", REFUSED),
        (SessionGone(), "the session has ended meanwhile", REFUSED),
        (PermissionError(13, "Permission denied", "/x"), "/x: permission denied", REFUSED),
        (OSError("odd"), "odd", REFUSED),
    ],
)
def test_given_an_error_when_it_is_explained_then_it_is_one_line_and_a_code(
    error: Exception, line: str, code: int
) -> None:
    assert explain(error) == ([line], code)


def test_given_the_last_owner_when_that_is_explained_then_the_three_acts_are_named() -> None:
    (line,), code = explain(LastOwner())

    assert "demoted, banned or deleted" in line
    assert code == REFUSED != DONE


def test_given_several_faults_when_they_are_explained_then_each_has_a_line() -> None:
    lines, _ = explain(SettingsInvalid([Fault("a", "k", "is bad"), Fault("b", "k", "is bad")]))

    assert lines == ["The settings cannot be used:", "  a: k: is bad", "  b: k: is bad"]


def test_given_a_bug_when_it_is_explained_then_its_place_is_told_and_its_text_is_not() -> None:
    try:
        raise KeyError("hunter2")
    except KeyError as error:
        (line,), code = explain(error)

    assert line.startswith("internal error: KeyError at ")
    assert __file__ in line
    assert "hunter2" not in line
    assert code == REFUSED


def test_given_lines_when_they_are_complained_about_then_stderr_names_the_program(
    capsys: Output,
) -> None:
    complain(["no\x07", "  more"])

    assert capsys.readouterr() == ("", "sidecar: no\ufffd\n  more\n")


@pytest.mark.parametrize(("environ", "told"), [({}, True), ({"SIDECAR_WORKERS": "1"}, False)])
def test_given_a_folder_without_settings_when_a_command_reads_them_then_it_says_where_it_works(
    environ: dict[str, str],
    told: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("SIDECAR_")]:
        monkeypatch.delenv(name)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    settings = store_settings_of(Namespace())

    said = capsys.readouterr().err
    assert (f"no sidecar.toml here: working with {settings.state_dir}" in said) is told
    assert said.count("\n") == int(told)

"""`sidecar check`: everything that is wrong, at once, and the cases of the policy."""

import json
from pathlib import Path

import pytest

from sidecar.cli.main import main

Output = pytest.CaptureFixture[str]

PUBLIC = '[[routes]]\npath = "/open"\nallow = "anyone"\n'
CASES = """policy = "../policy.toml"
[[case]]
path = "/open"
expect = "allow"
[[case]]
path = "/open/x"
expect = "sign_in"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration that is right, with a policy and its cases."""
    (tmp_path / "sidecar.toml").write_text('policy = "policy.toml"\nupstream = "http://app:3000"\n')
    (tmp_path / "policy.toml").write_text(PUBLIC)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "open.toml").write_text(CASES)
    return tmp_path / "sidecar.toml"


def test_given_a_right_configuration_when_it_is_checked_then_that_is_said(
    config: Path, capsys: Output
) -> None:
    code = main(["check", str(config)])

    assert code == 0
    assert capsys.readouterr() == (f"{config} is right: 1 route rule, 2 cases tried\n", "")


def test_given_faults_in_settings_when_they_are_checked_then_all_are_told(
    config: Path, capsys: Output
) -> None:
    config.write_text('listen = "nowhere"\nwokers = 2\n')

    code = main(["check", str(config)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert lines[0].startswith(f"{config}: listen: must be ")
    assert lines[1].startswith(f"{config}: wokers: unknown key; did you mean workers?")
    assert lines[2] == (
        f'{config}: upstream: is missing: name it with --upstream or `upstream = "…"`'
    )
    assert len(lines) == 3


def test_given_faults_in_settings_and_policy_when_they_are_checked_then_all_are_told_at_once(
    config: Path, capsys: Output
) -> None:
    config.write_text('policy = "policy.toml"\nupstream = "http://app"\nwokers = 2\n')
    policy = config.with_name("policy.toml")
    policy.write_text("lockout.failures = 0")

    code = main(["check", str(config)])

    lines = capsys.readouterr().out.splitlines()
    assert code == 1
    assert [line.partition(": ")[0] for line in lines] == [str(config), str(policy)]


def test_given_a_policy_that_is_not_there_when_it_is_checked_then_only_that_is_told(
    config: Path, capsys: Output
) -> None:
    config.write_text('policy = "elsewhere.toml"\nupstream = "http://app"\n')

    code = main(["check", str(config)])

    (line,) = capsys.readouterr().out.splitlines()
    assert code == 1
    assert line.startswith(f"{config}: policy: cannot read ")


def test_given_settings_that_are_no_toml_when_they_are_checked_then_only_that_is_told(
    config: Path, capsys: Output
) -> None:
    config.write_text("upstream =")

    code = main(["check", str(config)])

    (line,) = capsys.readouterr().out.splitlines()
    assert code == 1
    assert line.startswith(f"{config}: is not TOML: ")


def test_given_no_upstream_when_it_is_checked_then_that_is_a_fault_unless_a_flag_names_it(
    config: Path, capsys: Output
) -> None:
    config.write_text('policy = "policy.toml"\n')

    without = main(["check", str(config)])
    with_it = main(["check", str(config), "--upstream", "http://app:3000"])

    assert (without, with_it) == (1, 0)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{config}: upstream: is missing")
    assert second == f"{config} is right: 1 route rule, 2 cases tried"


def test_given_faults_in_the_policy_when_it_is_checked_then_each_is_told_once(
    config: Path, capsys: Output
) -> None:
    policy = config.with_name("policy.toml")
    policy.write_text("lockout.failures = 0")

    code = main(["--config", str(config), "check"])

    assert code == 1
    expected = f"{policy}: lockout.failures: must be a whole number from 1 to 100\n"
    assert capsys.readouterr().out == expected


def test_given_a_case_that_does_not_hold_when_it_is_checked_then_both_verdicts_are_told(
    config: Path, capsys: Output
) -> None:
    config.with_name("policy.toml").write_text("")

    code = main(["check", "--config", str(config)])

    assert code == 1
    assert "case[1]: GET app.example.com /open signed out: expected allow, got sign_in" in (
        capsys.readouterr().out
    )


def test_given_cases_elsewhere_when_they_are_named_then_they_are_tried(
    config: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "cases").rename(tmp_path / "tables")

    without = main(["check", str(config)])
    with_them = main(["check", str(config), "--cases", str(tmp_path / "tables")])

    assert (without, with_them) == (0, 0)
    first, second = capsys.readouterr().out.splitlines()
    assert first.endswith("0 cases tried")
    assert second.endswith("2 cases tried")


def test_given_json_when_it_is_checked_then_faults_and_cases_are_one_document(
    config: Path, capsys: Output
) -> None:
    config.with_name("policy.toml").write_text("")
    right = main(["--json", "check", str(config), "--cases", str(config.with_name("cases"))])
    document = json.loads(capsys.readouterr().out)

    config.write_text('workers = 0\nupstream = "http://app:3000"\n')
    wrong = main(["check", str(config), "--json"])
    faulty = json.loads(capsys.readouterr().out)

    assert (right, wrong) == (1, 1)
    assert document["ok"] is False
    assert document["cases"]["tried"] == 2
    assert document["cases"]["failed"][0]["expected"] == "allow"
    assert faulty["faults"] == [
        {
            "place": str(config),
            "key": "workers",
            "problem": "must be a whole number from 1 to 256",
        }
    ]


def test_given_files_that_a_start_would_fail_at_when_they_are_checked_then_all_are_told(
    config: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "text").write_text("no certificate, and no secret")
    config.write_text(
        'upstream = "https://app"\nsecret_file = "text"\nupstream_options.ca = "text"\n'
        '[tls]\ncertificate = "text"\nkey = "text"\n'
    )

    code = main(["check", str(config)])

    keys = [line.removeprefix(f"{config}: ").partition(":")[0] for line in _lines(capsys)]
    assert (code, keys) == (1, ["tls", "secret_file", "upstream_options.ca"])


def test_given_cases_that_are_no_toml_when_they_are_tried_then_only_that_is_told(
    config: Path, tmp_path: Path, capsys: Output
) -> None:
    (tmp_path / "cases" / "open.toml").write_text("nonsense")

    code = main(["check", str(config)])

    (line,) = _lines(capsys)
    assert code == 1
    assert line.startswith(f"{tmp_path}/cases/open.toml: is not TOML: ")


def _lines(capsys: Output) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_given_no_folder_of_that_name_when_cases_are_named_then_that_is_one_line(
    config: Path, capsys: Output
) -> None:
    code = main(["check", str(config), "--cases", "/nowhere"])

    assert code == 1
    assert capsys.readouterr().err == "sidecar: --cases: /nowhere is not a folder\n"

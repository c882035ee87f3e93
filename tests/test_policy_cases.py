"""Tables of cases: every one that ships holds, and one that does not is told with its verdict."""

from pathlib import Path

import pytest

from sidecar.core.policy import Policy, Route
from sidecar.core.routes import RouteTable
from sidecar.policy_cases import Case, decide, run_cases

SHIPPED = Path(__file__).parents[1] / "policies" / "cases"


def a_table(folder: Path, cases: str, policy: str = "") -> Path:
    (folder / "policy.toml").write_text(policy)
    cases_folder = folder / "cases"
    cases_folder.mkdir()
    (cases_folder / "cases.toml").write_text(f'policy = "../policy.toml"\n{cases}')
    return cases_folder


def test_given_the_tables_that_ship_when_they_are_tried_then_every_case_holds() -> None:
    outcome = run_cases(SHIPPED)

    assert outcome.faults == ()
    assert list(map(str, outcome.mismatches)) == []
    assert outcome.tried > 30


@pytest.mark.parametrize("number", ["S-14", "S-15", "S-24"])
def test_given_the_tables_that_ship_when_they_are_read_then_the_cases_of_routes_are_named(
    number: str,
) -> None:
    assert any(number in file.read_text() for file in SHIPPED.glob("*.toml"))


def test_given_another_verdict_when_a_case_is_tried_then_request_and_both_are_told(
    tmp_path: Path,
) -> None:
    cases = """
    [[case]]
    path = "/a"
    expect = "sign_in"
    [[case]]
    method = "post"
    path = "/a"
    session = { role = "user", groups = ["x"] }
    expect = "deny"
    """
    folder = a_table(tmp_path, cases)

    outcome = run_cases(folder)

    (failed,) = outcome.mismatches
    expected = "case[2]: POST app.example.com /a as user: expected deny, got allow"
    assert str(failed) == f"{folder}/cases.toml: {expected}"
    assert outcome.tried == 2


def test_given_faults_in_cases_or_their_policy_when_they_are_tried_then_they_are_told(
    tmp_path: Path,
) -> None:
    folder = a_table(tmp_path, '[[case]]\npath = "/"\nexpect = "allow"', "x = 1")
    (folder / "bad.toml").write_text('[[case]]\npath = "/"\nexpect = "maybe"')
    (folder / "none.toml").write_text('policy = "none"\n[[case]]\npath = "/"\nexpect = "deny"')

    outcome = run_cases(folder)

    assert [(Path(fault.place).name, fault.key) for fault in outcome.faults] == [
        ("bad.toml", "policy"),
        ("bad.toml", "case[1].expect"),
        ("policy.toml", "x"),
        ("none", ""),
    ]
    assert outcome.tried == 0


def test_given_an_empty_folder_when_it_is_tried_then_that_is_a_fault(tmp_path: Path) -> None:
    (fault,) = run_cases(tmp_path).faults

    assert fault.problem == "holds no *.toml file of cases"


@pytest.mark.parametrize(
    ("path", "signed_in", "expected"),
    [
        ("/open", False, "allow"),
        ("/shut", False, "sign_in"),
        ("/shut", True, "deny"),
        ("/x/../open", True, "refuse"),
    ],
)
def test_given_a_request_when_routes_decide_then_there_are_four_verdicts(
    path: str, expected: str, *, signed_in: bool
) -> None:
    policy = Policy(routes=(Route(path="/open", allow="anyone"), Route(allow="members")))
    who: dict[str, object] = {"session": {}} if signed_in else {}
    case = Case.model_validate({"path": path, "expect": expected, **who})

    assert decide(RouteTable(policy.routes), case) == expected

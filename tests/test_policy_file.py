"""Policies from TOML: what is left out keeps its default, and every fault is told at once."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.core.policy import ALARMS, AlarmRule, DeviceRule, Policy, Route, SessionPolicy
from sidecar.core.session import Limits
from sidecar.core.users import Role
from sidecar.policy_file import PolicyInvalid, load_policy
from sidecar.policy_place import default_policy_file


def a_policy(folder: Path, text: str, name: str = "policy.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def faults_in(path: Path) -> list[str]:
    with pytest.raises(PolicyInvalid) as refused:
        load_policy(path)
    return [str(fault).removeprefix(f"{path}: ") for fault in refused.value.faults]


def test_given_the_policy_of_the_product_when_it_is_read_then_it_says_what_the_code_does() -> None:
    assert load_policy(None) == Policy()
    assert default_policy_file().is_file()


def test_given_an_empty_file_when_it_is_read_then_everything_keeps_its_default(
    tmp_path: Path,
) -> None:
    assert load_policy(a_policy(tmp_path, "")) == Policy()


def test_given_a_part_of_a_policy_when_it_is_read_then_the_rest_keeps_its_default(
    tmp_path: Path,
) -> None:
    text = """
    session = { idle_timeout = "30m", roles.admin.idle_timeout = "5m" }
    step_up = { end_sessions = "10m", roles = "off" }
    alarms.ip_spread.threshold = 9
    triggers.signal = false

    [[devices]]
    pattern = "Acme/*"
    label = "Acme"

    [[routes]]
    path = "/open/**"
    allow = "anyone"
    """

    policy = load_policy(a_policy(tmp_path, text))

    limits = Limits(idle_timeout=timedelta(minutes=30))
    admins = replace(limits, idle_timeout=timedelta(minutes=5))
    assert policy.session == SessionPolicy(limits=limits, roles={Role.ADMIN: admins})
    assert policy.limits_for(Role.ADMIN) == admins
    assert policy.limits_for(Role.OWNER) == limits
    assert policy.step_up.end_sessions == timedelta(minutes=10)
    assert policy.step_up.everyone == timedelta(minutes=10)
    assert policy.step_up.roles is None
    assert policy.alarms == {**ALARMS, "ip_spread": AlarmRule(threshold=9)}
    assert policy.triggers["signal"] is False
    assert policy.triggers["role_changed"] is True
    assert policy.devices == (DeviceRule("Acme/*", "Acme"),)
    assert policy.routes == (Route(path="/open/**", allow="anyone"),)
    assert policy.password == Policy().password


def test_given_members_when_a_route_is_read_then_role_or_group_lets_a_person_in(
    tmp_path: Path,
) -> None:
    text = 'routes = [{ path = "/a", allow = { roles = ["admin"], groups = ["ops"] } }]'

    (route,) = load_policy(a_policy(tmp_path, text)).routes

    assert route == Route(
        path="/a", allow="members", roles=frozenset({Role.ADMIN}), groups=frozenset({"ops"})
    )


def test_given_a_folder_when_it_is_read_then_files_are_merged_in_the_order_of_their_names(
    tmp_path: Path,
) -> None:
    a_policy(tmp_path, '[[routes]]\npath = "/b"\n[session]\nmax_per_user = 2', "20-b.toml")
    a_policy(tmp_path, '[[routes]]\npath = "/a"\n[session]\nmax_per_user = 1', "10-a.toml")
    a_policy(tmp_path, "not TOML at all", "notes.txt")

    policy = load_policy(tmp_path)

    assert [route.path for route in policy.routes] == ["/a", "/b"]
    assert policy.session.limits.max_per_user == 2


def test_given_faults_in_two_files_when_they_are_read_then_all_are_told_with_file_and_key(
    tmp_path: Path,
) -> None:
    a_policy(tmp_path, '[[routes]]\n[[routes]]\npath = "x"\n[sesion]', "1.toml")
    a_policy(tmp_path, '[[routes]]\nallow = "all"\n[lockout]\nfailures = 0', "2.toml")
    a_policy(tmp_path, "a = ", "3.toml")

    report = "\n".join(faults_in(tmp_path))

    assert f"{tmp_path}/1.toml: routes[2].path: must begin with" in report
    assert '(the 2nd [[routes]] with path "x")' in report
    assert "(the 1st [[routes]])" in report
    assert f"{tmp_path}/1.toml: sesion: unknown key; did you mean session?" in report
    assert f'{tmp_path}/2.toml: routes[1].allow: must be "anyone", "signed_in" or' in report
    assert f"{tmp_path}/2.toml: lockout.failures: must be a whole number from 1 to 100" in report
    assert f"{tmp_path}/3.toml: is not TOML" in report
    assert len(report.splitlines()) == 5


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('session.idle_timeout = "61m"', "session.idle_timeout"),
        ('session.absolute_lifetime = "25h"', "session.absolute_lifetime"),
        ('session.roles.user.idle_timeout = "8h"', "session.roles.user.idle_timeout"),
        ('session.roles.user.absolute_lifetime = "30d"', "session.roles.user.absolute_lifetime"),
    ],
)
def test_given_limits_over_the_ceilings_when_nothing_justifies_them_then_start_is_refused(
    tmp_path: Path, text: str, key: str
) -> None:
    (fault,) = faults_in(a_policy(tmp_path, text))

    assert fault.startswith(f"{key}: needs session.justification")

    load_policy(a_policy(tmp_path, f'{text}\nsession.justification = "kiosk, see risk 12"'))


def test_given_limits_at_the_ceilings_when_they_are_read_then_no_reason_is_asked(
    tmp_path: Path,
) -> None:
    text = 'session = { idle_timeout = "60m", absolute_lifetime = "24h" }'

    assert load_policy(a_policy(tmp_path, text)) == Policy()


def test_given_wrong_values_and_contradictions_when_it_is_read_then_both_are_told(
    tmp_path: Path,
) -> None:
    text = """
    session = { idle_timeout = "2h", max_per_user = 0 }
    alarms.storm = {}
    triggers = { rain = true, banned = false, role_lowered = false, group_lost = true }
    routes = [{ identity = "when_present" }]
    """

    assert [fault.partition(":")[0] for fault in faults_in(a_policy(tmp_path, text))] == [
        "session.max_per_user",
        "session.idle_timeout",
        "routes[1].identity",
        "alarms.storm",
        "triggers.rain",
        "triggers.banned",
        "triggers.role_lowered",
    ]


def test_given_nothing_to_read_when_a_policy_is_named_then_that_is_told(tmp_path: Path) -> None:
    assert faults_in(tmp_path) == ["holds no *.toml file"]
    assert faults_in(tmp_path / "none") == ["cannot be read: no such file or directory"]


def test_given_second_factors_for_some_roles_then_each_role_has_its_mode(tmp_path: Path) -> None:
    text = """
    [mfa]
    mode = "off"
    [mfa.roles]
    admin = "required"
    """

    policy = load_policy(a_policy(tmp_path, text))

    assert policy.mfa.mode_for(Role.ADMIN) == "required"
    assert policy.mfa.mode_for(Role.USER) == "off"
    wrong = a_policy(tmp_path, 'mfa = { mode = "must", roles = { boss = "off" } }')
    assert [fault.partition(":")[0] for fault in faults_in(wrong)] == [
        "mfa.mode",
        "mfa.roles.boss",
    ]

"""The policy in force, each value with where it came from."""

from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from sidecar.admin.policy import PolicyAnswer, show_policy
from sidecar.core.policy import Policy
from sidecar.core.policy_state import PolicyFault, PolicyState, Reload
from sidecar.policy_file import load_policy
from sidecar.policy_source import PolicySource
from tests.admin.staff import Person
from tests.callers import a_caller
from tests.house import House

AT = datetime(2026, 5, 4, 12, tzinfo=UTC)
POLICY = """
[session]
idle_timeout = "15m"
[session.roles.admin]
max_per_user = 2
[step_up]
everyone = "off"
[triggers]
signal = false
[[devices]]
pattern = "Acme/*"
label = "Acme"
[[routes]]
path = "/admin/**"
allow = { roles = ["owner", "admin"], groups = ["ops"] }
timeout = "90s"
"""


async def told(house: House, state: PolicyState) -> PolicyAnswer:
    desk = house.services.desk
    object.__setattr__(desk, "policy_state", lambda: state)
    return await show_policy(desk, a_caller())


async def test_given_no_file_when_the_policy_is_asked_then_every_value_is_a_default(
    viewer: Person,
) -> None:
    answer = await viewer.get("/policy")

    values = {value["key"]: value for value in answer.body["values"]}
    assert values["session.idle_timeout"] == {
        "key": "session.idle_timeout",
        "value": "60m",
        "source": "default",
        "place": "",
    }
    assert values["session.absolute_lifetime"]["value"] == "24h"
    assert values["session.max_per_user"]["value"] == 10
    assert values["step_up.end_sessions"]["value"] == "off"
    assert values["alarms.ip_spread.enabled"]["value"] is True
    assert {value["source"] for value in values.values()} == {"default"}
    assert (answer.body["routes"], answer.body["lastReload"]) == ([], None)


async def test_given_a_file_when_the_policy_is_asked_then_its_values_name_it(
    house: House, tmp_path: Path
) -> None:
    path = tmp_path / "site.toml"
    path.write_text(POLICY)

    answer = await told(house, PolicySource(path).state())

    values = {value.key: (value.value, value.source, value.place) for value in answer.values}
    assert values["session.idle_timeout"] == ("15m", "file", "site.toml")
    assert values["session.max_per_user"] == (10, "default", "")
    assert values["session.roles.admin.max_per_user"] == (2, "file", "site.toml")
    assert values["session.roles.admin.idle_timeout"] == ("15m", "file", "site.toml")
    assert values["session.roles.admin.absolute_lifetime"] == ("24h", "default", "")
    assert values["step_up.everyone"] == ("off", "file", "site.toml")
    assert values["triggers.signal"] == (False, "file", "site.toml")
    assert values["devices[1].label"] == ("Acme", "file", "site.toml")
    (route,) = answer.routes
    assert (route.path, route.allow, route.timeout) == ("/admin/**", "members", "90s")
    assert (route.roles, route.groups) == (("admin", "owner"), ("ops",))


async def test_given_the_policy_of_the_product_when_it_is_shown_then_no_key_is_missing(
    house: House,
) -> None:
    shown = await told(house, PolicyState(load_policy(None), AT))

    keys = {value.key for value in shown.values}
    assert {key.partition(".")[0] for key in keys} == {
        "session",
        "password",
        "lockout",
        "step_up",
        "activity",
        "live",
        "store_outage",
        "audit",
        "events",
        "ended_sessions",
        "alarms",
        "triggers",
        "new_devices",
        "agents",
        "mfa",
        "desktop_app",
    }


@pytest.mark.parametrize("faults", [(), (PolicyFault("site.toml", "session.x", "unknown key"),)])
async def test_given_a_reload_when_the_policy_is_asked_then_how_it_went_is_said(
    house: House, faults: tuple[PolicyFault, ...]
) -> None:
    policy = Policy(places=MappingProxyType({}))

    answer = await told(house, PolicyState(policy, AT, Reload(AT, faults)))

    assert answer.last_reload is not None
    assert answer.last_reload.at == "2026-05-04T12:00:00.000Z"
    assert answer.last_reload.ok is not bool(faults)
    assert [fault.problem for fault in answer.last_reload.faults] == [
        fault.problem for fault in faults
    ]

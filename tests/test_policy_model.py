"""Single values of the policy: what is accepted, and in which form it is kept."""

import pytest
from pydantic import ValidationError

from sidecar.core.users import Role
from sidecar.policy_model import DeviceTable, Members, PolicyFile, RouteEntry


def test_s_04_given_names_in_odd_case_when_they_are_read_then_they_are_made_canonical_at_once() -> (
    None
):
    route = RouteEntry.model_validate(
        {
            "methods": ["get", "Post"],
            "hosts": ["App.Example.COM", "*.Cdn.example."],
            "websocket_origins": ["HTTPS://Chat.example:443/"],
        }
    )

    assert route.methods == {"GET", "POST"}
    assert route.hosts == {"app.example.com", "*.cdn.example"}
    assert route.websocket_origins == {"https://chat.example"}


def test_given_who_may_pass_when_it_is_read_then_words_and_members_are_told_apart() -> None:
    members = RouteEntry.model_validate({"allow": {"roles": ["admin"], "groups": ["ops"]}}).allow

    assert members == Members(roles=frozenset({Role.ADMIN}), groups=frozenset({"ops"}))
    assert RouteEntry.model_validate({"allow": "anyone"}).allow == "anyone"
    assert RouteEntry().allow == "signed_in"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("path", "no/slash"),
        ("path", "/a?b"),
        ("path", "/a;b"),
        ("path", "regex:("),
        ("path", 3),
        ("methods", ["G E T"]),
        ("methods", "GET"),
        ("hosts", ["a b"]),
        ("hosts", ["app:80"]),
        ("hosts", ["a.*.b"]),
        ("allow", "everyone"),
        ("allow", {}),
        ("allow", {"roles": [], "groups": []}),
        ("allow", {"roles": ["root"]}),
        ("allow", {"users": ["ann"]}),
        ("allow", ["anyone"]),
        ("identity", "always"),
        ("activity", "no"),
        ("websocket_origins", ["*"]),
        ("websocket_origins", ["https://a/b"]),
        ("timeout", "0s"),
        ("header", "x"),
    ],
)
def test_given_a_route_with_a_wrong_value_when_it_is_read_then_it_is_refused(
    key: str, value: object
) -> None:
    with pytest.raises(ValidationError):
        RouteEntry.model_validate({key: value})


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("session", "absolute_lifetime", "0s"),
        ("session", "max_per_user", 0),
        ("session", "at_limit", "allow"),
        ("session", "roles", {"root": {}}),
        ("password", "min_length", 7),
        ("password", "max_length", 257),
        ("password", "profile", "nist"),
        ("lockout", "failures", 101),
        ("step_up", "everyone", "never"),
        ("step_up", "everyone", False),
        ("activity", "websocket", "all"),
        ("live", "reauth", "popup"),
        ("store_outage", "mode", "allow"),
        ("audit", "retention", 400),
    ],
)
def test_given_a_wrong_value_in_a_table_when_it_is_read_then_it_is_refused(
    table: str, key: str, value: object
) -> None:
    with pytest.raises(ValidationError):
        PolicyFile.model_validate({table: {key: value}})


def test_given_a_device_without_label_when_it_is_read_then_it_is_refused() -> None:
    with pytest.raises(ValidationError):
        DeviceTable.model_validate({"pattern": "Acme/*"})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("pattern", "*" * 257),
        ("pattern", "Acme\n*"),
        ("label", "A" * 65),
        ("label", "Acme\u202e"),
        ("label", " Acme"),
        ("label", ""),
        ("type", "toaster"),
    ],
)
def test_given_a_device_that_no_list_could_show_when_it_is_read_then_it_is_refused(
    key: str, value: str
) -> None:
    with pytest.raises(ValidationError):
        DeviceTable.model_validate({"pattern": "Acme/*", "label": "Acme", key: value})


def test_given_more_rules_than_are_looked_at_when_they_are_read_then_they_are_refused() -> None:
    device = {"pattern": "Acme/*", "label": "Acme"}

    PolicyFile.model_validate({"devices": [device] * 200})
    with pytest.raises(ValidationError):
        PolicyFile.model_validate({"devices": [device] * 201})


@pytest.mark.parametrize("name", ["A" * 49, "Acme\tDesktop", 7, False])
def test_given_a_name_for_programs_that_is_none_when_it_is_read_then_it_is_refused(
    name: object,
) -> None:
    assert PolicyFile.model_validate({"desktop_app": {"name": ""}}).desktop_app.name == ""
    with pytest.raises(ValidationError):
        PolicyFile.model_validate({"desktop_app": {"name": name}})

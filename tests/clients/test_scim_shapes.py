"""People as SCIM writes them, in the forms that Okta and Entra send.

Sources: developer.okta.com, "SCIM 2.0 protocol reference"; learn.microsoft.com, "Develop and plan
provisioning for a SCIM endpoint in Microsoft Entra ID". Names and values are our own.
"""

from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar.clients.scim_shapes import (
    ScimRefused,
    read_patch,
    read_user,
    write_error,
    write_list,
    write_user,
)
from sidecar.core.users import Role, User, UserId

OKTA_CREATE = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "maria@example.com",
    "name": {"givenName": "Maria", "familyName": "Silva"},
    "emails": [{"primary": True, "value": "maria@example.com", "type": "work"}],
    "displayName": "Maria S.",
    "locale": "pt-BR",
    "externalId": "00u1",
    "groups": [],
    "password": "never looked at",
    "active": True,
}
ENTRA_CREATE = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "externalId": "e-1",
    "userName": "maria@example.com",
    "active": "True",
    "emails": [{"type": "home", "value": "x@example.com"}, {"primary": "True", "value": "m@x.org"}],
    "name": {"formatted": "Maria Silva", "familyName": "Silva", "givenName": "Maria"},
}


def operations(*given: Any) -> dict[str, Any]:
    schemas = ["urn:ietf:params:scim:api:messages:2.0:PatchOp"]
    return {"schemas": schemas, "Operations": list(given)}


def test_given_what_okta_creates_then_it_is_read() -> None:
    said = read_user(OKTA_CREATE)

    assert (said.user_name, said.external_id) == ("maria@example.com", "00u1")
    assert (said.shown_name, said.email, said.active) == ("Maria S.", "maria@example.com", True)


def test_given_what_entra_creates_then_it_is_read() -> None:
    said = read_user(ENTRA_CREATE)

    assert (said.shown_name, said.email, said.active) == ("Maria Silva", "m@x.org", True)


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "value": {"active": False}},
        {"op": "replace", "path": "active", "value": False},
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "value": {"active": "false"}},
        {"op": "Add", "path": "active", "value": "False"},
    ],
    ids=str,
)
def test_given_a_person_who_is_switched_off_in_any_form_then_it_is_read(operation: Any) -> None:
    assert read_patch(operations(operation)).active is False


def test_given_what_entra_changes_then_it_is_read() -> None:
    said = read_patch(
        operations(
            {"op": "Replace", "path": 'emails[type eq "work"].value', "value": "new@example.com"},
            {"op": "Replace", "path": "displayName", "value": "Maria Souza"},
            {"op": "Add", "path": "externalId", "value": "e-2"},
            {"op": "Add", "path": "title", "value": "passed over"},
        )
    )

    assert (said.email, said.display_name) == ("new@example.com", "Maria Souza")
    assert (said.external_id, said.active, said.user_name) == ("e-2", None, None)


def test_given_a_value_without_a_path_then_its_names_are_paths() -> None:
    value = {
        "name.givenName": "Maria",
        "name.familyName": "Souza",
        'emails[type eq "work"].value': "a@b.c",
    }

    said = read_patch(operations({"op": "replace", "value": value}))

    assert (said.shown_name, said.email) == ("Maria Souza", "a@b.c")


def test_given_what_is_taken_away_then_it_is_empty() -> None:
    said = read_patch(
        operations({"op": "Remove", "path": "emails"}, {"op": "remove", "path": "displayName"})
    )

    assert (said.email, said.display_name) == ("", "")


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ([], "invalidSyntax"),
        ({}, "invalidSyntax"),
        ({"Operations": []}, "invalidSyntax"),
        ({"Operations": [{"op": "replace", "value": {}}] * 101}, "invalidSyntax"),
        ({"Operations": ["x"]}, "invalidSyntax"),
        ({"Operations": [{"op": "move", "path": "active"}]}, "invalidSyntax"),
        ({"Operations": [{"op": "remove"}]}, "noTarget"),
        ({"Operations": [{"op": "replace", "value": "x"}]}, "invalidValue"),
        ({"Operations": [{"op": "replace", "path": "active", "value": "no"}]}, "invalidValue"),
        ({"Operations": [{"op": "remove", "path": "active"}]}, "invalidValue"),
        ({"Operations": [{"op": "replace", "path": "a[", "value": 1}]}, "invalidPath"),
        ({"Operations": [{"op": "replace", "path": 7, "value": 1}]}, "invalidPath"),
        ({"Operations": [{"op": "replace", "path": "displayName", "value": 7}]}, "invalidValue"),
        ({"Operations": [{"op": "add", "path": "displayName", "value": "a\nb"}]}, "invalidValue"),
        ({"Operations": [{"op": "add", "path": "emails", "value": "x"}]}, "invalidValue"),
    ],
    ids=str,
)
def test_given_a_patch_that_is_none_then_it_is_refused_with_its_kind(
    document: Any, kind: str
) -> None:
    with pytest.raises(ScimRefused) as refused:
        read_patch(document)

    assert (refused.value.status, refused.value.kind) == (400, kind)


def test_given_a_person_then_they_are_written_with_what_there_is_of_them() -> None:
    at = datetime(2026, 12, 1, 10, tzinfo=UTC)
    bare = User(UserId("u1"), "maria", Role.USER, at)
    whole = User(
        UserId("u2"), "bob", Role.USER, at, "Bob", "b@x.org", ("ops",), banned=True, external_id="e"
    )

    assert (
        not {"emails", "displayName", "externalId"} & write_user(bare, "https://x/scim/v2").keys()
    )
    shown = write_user(whole, "https://x/scim/v2")
    assert (shown["active"], shown["externalId"]) == (False, "e")
    assert shown["emails"] == [{"value": "b@x.org", "type": "work", "primary": True}]
    assert shown["groups"] == [{"value": "ops", "display": "ops"}]
    assert shown["meta"]["location"] == "https://x/scim/v2/Users/u2"


def test_given_a_list_or_an_error_then_it_has_the_form_of_scim() -> None:
    assert write_list([{}], 7, 3)["itemsPerPage"] == 1
    assert write_error(409, "uniqueness", "x")["scimType"] == "uniqueness"
    assert write_error(404, "", "x") == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "404",
        "detail": "x",
    }

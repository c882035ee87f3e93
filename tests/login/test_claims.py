"""Claims to a person: what is taken, what is left out, and when nobody can be said."""

from typing import Any

import pytest

from sidecar.core.users import Role
from sidecar.login.claims import MOST_GROUPS, ClaimNames, groups_of, person_of, role_of
from sidecar.login.provider import NotProven, Person

NAMES = ClaimNames(groups="groups", roles={Role.VIEWER: ("staff",), Role.ADMIN: ("ops", "leads")})
CLAIMS = {
    "preferred_username": " alice ",
    "email": "alice@example.com",
    "name": "Alice",
    "groups": ["staff", "ops"],
}


def test_given_the_usual_claims_then_they_are_the_person() -> None:
    assert person_of(CLAIMS, NAMES) == Person(
        "alice", "alice@example.com", "Alice", ("staff", "ops"), Role.ADMIN
    )


def test_given_settings_without_groups_then_the_provider_says_nothing_of_them() -> None:
    person = person_of(CLAIMS, ClaimNames())

    assert isinstance(person, Person)
    assert (person.groups, person.role) == (None, None)


def test_given_no_groups_where_the_provider_gives_them_then_there_are_none_any_more() -> None:
    person = person_of({"preferred_username": "alice"}, NAMES)

    assert person == Person("alice", groups=(), role=Role.USER)


@pytest.mark.parametrize(
    ("username", "why"),
    [
        (None, "username_missing"),
        (7, "username_missing"),
        (["alice"], "username_missing"),
        ("", "username"),
        ("  ", "username"),
        ("a@evil.com@corp.com", "username"),
        ("a＠corp.com", "username"),  # a sign that only looks like one
        ("alice\r\nX-Forwarded-User: root", "username"),
        ("al\u200bice", "username"),
        ("\u202eecila", "username"),
        ("x" * 129, "username"),
    ],
)
def test_s_11_given_a_name_that_could_be_read_as_another_then_it_is_nobody(
    username: object, why: str
) -> None:
    assert person_of({**CLAIMS, "preferred_username": username}, NAMES) == NotProven(why)


@pytest.mark.parametrize("verified", [None, False, "true", 1])
def test_given_an_address_that_nobody_verified_when_it_is_the_name_then_it_is_nobody(
    verified: object,
) -> None:
    names = ClaimNames(username="email")
    claims = {**CLAIMS, "email_verified": verified}

    assert person_of(claims, names) == NotProven("email_unverified")
    assert person_of({**claims, "email_verified": True}, names) == Person(
        "alice@example.com", "alice@example.com", "Alice"
    )


@pytest.mark.parametrize(
    ("more", "email"),
    [
        ({"email_verified": False}, None),
        ({"email_verified": "false"}, None),
        ({"email": "a\nb"}, None),
        ({"email": 7}, None),
        ({"email": "x" * 257}, None),
        ({"email_verified": True}, "alice@example.com"),
    ],
)
def test_given_an_address_then_only_a_plain_one_that_is_not_disowned_is_taken(
    more: dict[str, Any], email: str | None
) -> None:
    person = person_of({**CLAIMS, **more}, NAMES)

    assert isinstance(person, Person)
    assert person.email == email


@pytest.mark.parametrize(
    ("value", "groups"),
    [
        ("staff", ("staff",)),
        ([" staff ", "staff", "ops"], ("staff", "ops")),
        (["a,b", "c\nd", "", 7, None, "x" * 257, "ok"], ("ok",)),
        ({"staff": True}, ()),
        (None, ()),
    ],
)
def test_given_groups_then_only_those_that_can_be_passed_on_count(
    value: object, groups: tuple[str, ...]
) -> None:
    assert groups_of(value) == groups


def test_given_very_many_groups_then_there_is_an_end() -> None:
    assert len(groups_of([f"group{number}" for number in range(MOST_GROUPS + 5)])) == MOST_GROUPS


@pytest.mark.parametrize(
    ("groups", "role"),
    [((), Role.USER), (("staff",), Role.VIEWER), (("leads", "staff"), Role.ADMIN), (("x",), 0)],
)
def test_given_groups_with_roles_then_the_highest_counts(
    groups: tuple[str, ...], role: Role
) -> None:
    assert role_of(groups, NAMES.roles) == role

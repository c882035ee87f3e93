"""People: the order of roles, one canonical name, and names that may be given."""

from datetime import timedelta

import pytest

from sidecar.core.users import LONGEST_NAME, Role, User, UserId, canonical_name, name_fault
from tests.store.seeds import NOW


@pytest.mark.parametrize("spelling", ["alice", "Alice", "ALICE ", "\u3000alice", "Ａｌｉｃｅ"])
def test_given_a_spelling_of_one_name_then_it_is_one_person(spelling: str) -> None:
    assert canonical_name(spelling) == "alice"


def test_given_two_people_with_names_alike_then_they_stay_two() -> None:
    assert canonical_name("alice") != canonical_name("al1ce")


def test_given_the_roles_then_they_are_ordered_and_read_back_by_their_word() -> None:
    assert Role.USER < Role.VIEWER < Role.ADMIN < Role.OWNER
    assert [Role.parse(role.word) for role in Role] == list(Role)


@pytest.mark.parametrize("word", ["", "Owner", "king", "OWNER"])
def test_given_a_word_that_is_no_role_then_the_accepted_ones_are_named(word: str) -> None:
    with pytest.raises(ValueError, match="one of user, viewer, admin, owner"):
        Role.parse(word)


def test_given_a_ban_with_an_end_then_it_is_over_at_that_instant() -> None:
    user = User(UserId("u1"), "alice", Role.USER, NOW, banned=True, banned_until=NOW)

    assert user.is_banned(NOW - timedelta(milliseconds=1))
    assert not user.is_banned(NOW)


@pytest.mark.parametrize(
    "name", ["a", "Älice O'Brien", "a@example.com", "名前", "x" * LONGEST_NAME]
)
def test_given_a_name_that_people_have_then_it_may_be_given(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "x" * (LONGEST_NAME + 1),
        "a\nb",
        "a\0",
        "a\u202eb",
        "a\u200bb",
        "\ud800",
        "a@b@c",
        "a＠b",
    ],
)
def test_given_a_name_that_could_deceive_then_it_is_said_what_is_wrong(name: str) -> None:
    fault = name_fault(name)

    assert fault is not None
    assert fault.startswith("must ")

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.users import Role, User, UserId, canonical_name, name_fault

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ALICE = User(id=UserId("u"), username="alice", role=Role.USER, created_at=NOW)


@pytest.mark.parametrize("name", ["alice", "Alice", "ALICE ", "\talice", "\uff21lice"])
def test_s12_given_a_spelling_of_a_name_then_it_is_the_same_person(name: str) -> None:
    assert canonical_name(name) == "alice"


def test_s12_given_another_name_then_it_is_another_person() -> None:
    assert canonical_name("alice") != canonical_name("alicia")


@pytest.mark.parametrize("name", ["alice", "Łucja", "محمد", "山田", "a.b+c@example.com", "o'neil"])
def test_given_a_name_of_a_person_then_nothing_is_wrong_with_it(name: str) -> None:
    assert name_fault(name) is None


@pytest.mark.parametrize(
    "blank", ["\u200b", "\u202e", "\u3164", "\u115f", "\ufe0f", "\u034f", "\u2800", "\U000e0100"]
)
def test_s11_given_a_character_that_nobody_sees_then_the_name_is_refused(blank: str) -> None:
    assert name_fault(f"al{blank}ice") == "must not hold characters that cannot be seen"
    assert name_fault(blank) is not None


@pytest.mark.parametrize("at", ["\uff20", "\ufe6b", "@b@"])
def test_s11_given_another_at_sign_then_the_name_is_refused(at: str) -> None:
    assert name_fault(f"alice{at}example.com") is not None


@given(st.text())
def test_s12_whatever_the_name_its_case_makes_no_difference_in_ascii(name: str) -> None:
    plain = name.encode("ascii", "ignore").decode()

    assert canonical_name(plain.upper()) == canonical_name(plain.lower())


@pytest.mark.parametrize("role", Role)
def test_given_the_word_of_a_role_then_it_is_that_role(role: Role) -> None:
    assert Role.parse(role.word) is role


@pytest.mark.parametrize("word", ["", "Owner", "OWNER", "root", " user"])
def test_given_no_word_of_a_role_then_the_accepted_ones_are_named(word: str) -> None:
    with pytest.raises(ValueError, match="one of user, viewer, admin, owner"):
        Role.parse(word)


def test_roles_are_ordered() -> None:
    assert Role.USER < Role.VIEWER < Role.ADMIN < Role.OWNER


@pytest.mark.parametrize(
    ("until", "banned"),
    [(None, True), (NOW + timedelta(seconds=1), True), (NOW, False), (NOW - timedelta(1), False)],
)
def test_given_a_ban_then_it_lapses_at_its_end(until: datetime | None, banned: bool) -> None:
    assert replace(ALICE, banned=True, banned_until=until).is_banned(NOW) is banned


def test_given_no_ban_then_a_date_alone_bans_nobody() -> None:
    assert not replace(ALICE, banned_until=NOW + timedelta(1)).is_banned(NOW)

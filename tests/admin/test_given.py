"""What the admin API may be given. Limits, lengths and names are those of the contract."""

from typing import Any

import msgspec
import pytest

from sidecar.admin import given
from sidecar.core.given import Given


def query(model: type[Given], **members: str) -> Any:
    return msgspec.convert(members, model, strict=False)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("limit", "0"),
        ("limit", "-1"),
        ("limit", "201"),
        ("limit", "1e9"),
        ("limit", "abc"),
        ("limit", ""),
        ("offset", "-1"),
        ("offset", "1e9"),
        ("userId", ""),
        ("userId", "../x"),
        ("userId", "u" * 65),
        ("q", ""),
        ("q", "x" * 129),
        ("q", " "),
        ("q", "\u3000\t"),
        ("kind", "robot"),
        ("sort", "password"),
        ("sort", "--createdAt"),
        ("sort", "createdAt\n"),
        ("userId", "u\n"),
        ("page", "2"),
    ],
)
def test_s_71_given_values_that_no_list_has_then_the_query_is_refused(
    member: str, value: str
) -> None:
    with pytest.raises(msgspec.ValidationError):
        query(given.SessionsQuery, **{member: value})


@pytest.mark.parametrize(
    "members", [{"after": "latest\n"}, {"after": "1-0-00\n"}, {"types": "session.ended\n"}]
)
def test_s_71_given_a_line_end_behind_what_events_take_then_the_query_is_refused(
    members: dict[str, str],
) -> None:
    with pytest.raises(msgspec.ValidationError):
        query(given.EventsQuery, **members)


@pytest.mark.parametrize("name", ["null", "true", "7", "none"])
def test_given_a_name_that_looks_like_something_else_then_it_stays_a_name(name: str) -> None:
    assert query(given.SessionsQuery, q=name).q == name
    assert query(given.AuditQueryGiven, actor=name).actor == name


def test_given_nothing_then_the_first_fifty_of_all_are_meant() -> None:
    read = query(given.SessionsQuery)

    assert (read.limit, read.offset, read.sort) == (50, 0, "-createdAt")
    assert read.user_id is read.q is read.ip is read.kind is msgspec.UNSET


def test_given_from_and_to_then_they_are_the_bounds_of_the_audit() -> None:
    read = query(given.AuditQueryGiven, **{"from": "a", "to": "b"})

    assert (read.since, read.until) == ("a", "b")


@pytest.mark.parametrize(
    "body",
    [
        {"role": "root"},
        {"role": None},
        {"display_name": "x"},
        {"groups": ["a", 1]},
        {"groups": [""]},
        {"email": "x" * 257},
        {"password": "x"},
    ],
)
def test_given_a_change_with_a_slip_in_it_then_it_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(body, given.UserChangeBody)


def test_s_89_given_a_body_with_a_password_then_its_repr_does_not_show_it() -> None:
    body = msgspec.convert({"new": "hunter2-hunter2"}, given.PasswordBody)

    assert repr(body) == "PasswordBody(…)"

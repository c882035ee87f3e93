"""What the upstream is told cannot be forged by a name (cases S-03, S-11; ASVS 4.2.5)."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.identity import assertion_claims, encode_value, identity_block
from sidecar.core.session import Agent, Handle, Session
from sidecar.core.users import Role, UserId

NOW = datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
ALICE = Session(
    handle=Handle("h" * 30),
    secret_hash=b"x" * 32,
    user_id=UserId("u1"),
    username="alice",
    role=Role.ADMIN,
    created_at=NOW,
    last_active_at=NOW,
    authenticated_at=NOW,
    email="alice@example.com",
    groups=("staff", "wiki editors"),
)


def a_block(username: str = "alice", email: str = "", groups: tuple[str, ...] = ()) -> bytes:
    return identity_block(replace(ALICE, username=username, email=email, groups=groups))


def test_given_a_person_then_the_upstream_is_told_who_it_is() -> None:
    assert identity_block(ALICE) == (
        b"X-Forwarded-User: alice\r\n"
        b"X-Forwarded-Preferred-Username: alice\r\n"
        b"X-Forwarded-Email: alice@example.com\r\n"
        b"X-Forwarded-Groups: staff,wiki editors\r\n"
    )


def test_s03_given_a_person_without_email_or_groups_then_there_is_no_such_header() -> None:
    assert a_block() == b"X-Forwarded-User: alice\r\nX-Forwarded-Preferred-Username: alice\r\n"


def test_given_software_that_acts_for_a_person_then_both_are_named_and_in_the_assertion() -> None:
    bot = replace(ALICE, agent=Agent("release b\u00f6t", ("* /**",), NOW))

    claims = assertion_claims(bot, "https://app", "app", NOW)

    assert identity_block(bot) == (
        identity_block(ALICE) + b"X-Forwarded-Actor: UTF-8''release%20b%C3%B6t\r\n"
    )
    assert (claims["sub"], claims["username"]) == ("u1", "alice")
    assert claims["act"] == {"sub": "h" * 30, "name": "release b\u00f6t"}
    assert "act" not in assertion_claims(ALICE, "https://app", "app", NOW)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("J\u00fcrgen", "UTF-8''J%C3%BCrgen"),
        ("a\r\nX-Forwarded-Groups: root", "UTF-8''a%0D%0AX-Forwarded-Groups%3A%20root"),
        ("a\0", "UTF-8''a%00"),
        ("a\uff20corp.com", "UTF-8''a%EF%BC%A0corp.com"),
        (" alice", "UTF-8''%20alice"),
        ("utf-8''alice", "UTF-8''utf-8%27%27alice"),
        ("\u202ealice", "UTF-8''%E2%80%AEalice"),
        ("100%", "100%"),
    ],
)
def test_s11_given_a_name_that_is_not_plain_then_it_is_encoded(text: str, value: str) -> None:
    assert encode_value(text) == value
    assert a_block(text).startswith(b"X-Forwarded-User: " + value.encode() + b"\r\n")


def test_s11_given_a_comma_in_a_group_then_it_does_not_become_two() -> None:
    assert a_block(groups=("a,admins", 'b"', "", "c")).endswith(
        b"X-Forwarded-Groups: UTF-8''a%2Cadmins,UTF-8''b%22,c\r\n"
    )


def test_given_more_groups_than_fit_then_only_whole_ones_are_written_and_asserted() -> None:
    groups = tuple(f"group-{number:04}" for number in range(2000))

    line = a_block(groups=groups).split(b"\r\n")[2]
    claims = assertion_claims(replace(ALICE, groups=groups), "i", "a", NOW)

    written = line.removeprefix(b"X-Forwarded-Groups: ").decode().split(",")
    assert len(line) <= 4096 + len("X-Forwarded-Groups: ")
    assert written == list(groups[: len(written)]) == claims["groups"]
    assert len(written) > 300


def test_given_a_name_too_long_for_a_header_then_it_is_left_out_and_never_cut() -> None:
    assert a_block("a" * 2000, email="a@b") == b"X-Forwarded-Email: a@b\r\n"


def test_given_a_session_then_its_assertion_lives_for_a_minute() -> None:
    claims = assertion_claims(ALICE, "https://wiki.example.com", "wiki", NOW)

    assert claims == {
        "iss": "https://wiki.example.com",
        "aud": "wiki",
        "sub": "u1",
        "sid": "h" * 30,
        "username": "alice",
        "email": "alice@example.com",
        "groups": ["staff", "wiki editors"],
        "role": "admin",
        "iat": 1767323045,
        "exp": 1767323105,
    }


@given(st.text(), st.text(), st.lists(st.text(), max_size=4))
def test_s11_whatever_people_are_called_each_line_is_one_printable_header(
    username: str, email: str, groups: list[str]
) -> None:
    block = a_block(username, email, tuple(groups))

    lines = block.split(b"\r\n")
    assert lines.pop() == b""
    assert all(line.startswith(b"X-Forwarded-") and line.count(b": ") >= 1 for line in lines)
    assert all(0x20 <= octet < 0x7F for line in lines for octet in line)
    assert len(lines) <= 4


@given(st.text())
def test_s11_whatever_the_text_its_form_leads_back_to_it(text: str) -> None:
    value = encode_value(text)

    assert (unquote(value[7:]) if value.startswith("UTF-8''") else value) == text


@given(st.text(), st.text())
def test_s11_two_people_never_look_alike(one: str, other: str) -> None:
    assert (encode_value(one) == encode_value(other)) == (one == other)

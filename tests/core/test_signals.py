"""Messages of other systems: which are genuine, of now, and make sense."""

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import UNSET

from sidecar.core.signals import (
    AHEAD,
    OLDEST,
    Doubt,
    SharedSecret,
    Signal,
    SignalBody,
    order_of,
    read_secrets,
)
from tests.signing import SECRET, a_message

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
AT = NOW.timestamp()
OTHER = b"another secret of forty bytes, all in all"
HR = SharedSecret("hr", (SECRET,))


def test_given_a_signed_message_of_now_then_it_is_one() -> None:
    head, body = a_message({"username": "maria"}, at=AT)

    assert HR.read(head, body, NOW) == Signal("msg_1", body)


def test_given_two_secrets_then_a_message_with_either_is_one() -> None:
    source = SharedSecret("hr", (OTHER, SECRET))

    for secret in (SECRET, OTHER):
        head, body = a_message({}, at=AT, secret=secret)
        assert isinstance(source.read(head, body, NOW), Signal)


def test_given_several_signatures_then_one_that_is_right_is_enough() -> None:
    head, body = a_message({}, at=AT)
    head["webhook-signature"] = f"v1a,xyz v1,AAAA {head['webhook-signature']}"

    assert isinstance(HR.read(head, body, NOW), Signal)


def test_given_more_signatures_than_anybody_sends_then_those_behind_are_not_looked_at() -> None:
    head, body = a_message({}, at=AT)
    head["webhook-signature"] = "v1,AAAA " * 16 + head["webhook-signature"]

    assert HR.read(head, body, NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-id": "msg.1"},
        {"webhook-id": "msg 1"},
        {"webhook-id": "m" * 256},
        {"webhook-timestamp": str(int(AT) + 1)},
        {"webhook-timestamp": f"0{int(AT)}"},
        {"webhook-timestamp": f" {int(AT)}"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "1e9"},
        {"webhook-timestamp": "٣٣"},
        {"webhook-timestamp": "9" * 12},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,\udce9"},
    ],
    ids=str,
)
def test_given_a_message_with_one_thing_changed_then_it_is_none(changes: dict[str, str]) -> None:
    head, body = a_message({"username": "maria"}, at=AT)

    assert HR.read({**head, **changes}, body, NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_given_a_message_without_a_field_then_it_is_none(missing: str) -> None:
    head, body = a_message({}, at=AT)
    del head[missing]

    assert HR.read(head, body, NOW) is Doubt.NOT_GENUINE


def test_given_another_body_or_another_key_then_it_is_none() -> None:
    head, body = a_message({"username": "maria"}, at=AT)

    assert HR.read(head, body + b" ", NOW) is Doubt.NOT_GENUINE
    assert SharedSecret("hr", (OTHER,)).read(head, body, NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize(
    ("off", "expected"),
    [
        (-OLDEST, Signal),
        (-OLDEST - timedelta(seconds=1), Doubt),
        (AHEAD, Signal),
        (AHEAD + timedelta(seconds=1), Doubt),
    ],
)
def test_given_a_message_of_another_time_then_only_a_little_is_forgiven(
    off: timedelta, expected: type
) -> None:
    head, body = a_message({}, at=(NOW + off).timestamp())

    read = HR.read(head, body, NOW)

    assert isinstance(read, expected)
    assert read is Doubt.UNTIMELY or isinstance(read, Signal)


def test_given_a_wrong_key_then_the_time_is_not_told() -> None:
    head, body = a_message({}, at=0, secret=OTHER)

    assert HR.read(head, body, NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize(
    ("body", "subject", "act"),
    [
        (SignalBody(user_id="u1"), "userId", "user"),
        (SignalBody(username="maria"), "username", "user"),
        (SignalBody(email="m@example.com"), "email", "user"),
        (SignalBody(handle="h" * 30), "sessionId", "session"),
    ],
)
def test_given_one_member_then_it_says_whom_it_is_about(
    body: SignalBody, subject: str, act: str
) -> None:
    order = order_of("hr", "msg_1", body)

    assert order is not None
    assert (order.subject, order.act) == (subject, act)


@pytest.mark.parametrize("body", [SignalBody(), SignalBody(user_id="u1", username="maria")])
def test_given_none_or_two_then_it_makes_no_sense(body: SignalBody) -> None:
    assert order_of("hr", "msg_1", body) is None


def test_given_the_same_id_of_two_sources_then_they_are_two_messages() -> None:
    body = SignalBody(username="maria")
    orders = [order_of(*names, body) for names in (("hr", "1"), ("siem", "1"), ("hr", "2"))]

    assert len({order.once for order in orders if order}) == 3
    assert SignalBody().username is UNSET


def test_given_a_file_then_it_has_one_secret_or_two() -> None:
    written = f"whsec_{b64encode(SECRET).decode()}"

    assert read_secrets(f"{written}\n") == (SECRET,)
    assert read_secrets(f"{written}\n\n{OTHER.decode()}\n") == (SECRET, OTHER)


THREE = "\n".join(letter * 30 for letter in "xyz")


@pytest.mark.parametrize(
    "text", ["", "short", "whsec_!!!!", f"whsec_{b64encode(b'short').decode()}", THREE]
)
def test_given_a_file_with_anything_else_then_it_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="must hold") as refused:
        read_secrets(text)

    assert "short" not in str(refused.value)


def test_given_a_source_when_it_is_shown_then_its_secret_is_not() -> None:
    assert SECRET.decode() not in repr(HR)

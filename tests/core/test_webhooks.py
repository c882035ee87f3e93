"""When a webhook is sent again, and how it is signed."""

from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from sidecar.core.webhooks import (
    RETRY_FOR,
    Answer,
    Claim,
    Recipient,
    next_attempt,
    signature,
    write_secret,
)

NOW = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_claim(attempt: int = 1, **more: object) -> Claim:
    facts = {"until": NOW + RETRY_FOR, "event": None} | more
    return Claim("e", 0, "u1", "1-0-00", attempt, **facts)  # type: ignore[arg-type]  # test data


def an_answer(status: int | None = 500, retry_after: timedelta | None = None) -> Answer:
    return Answer(status, "", timedelta(), retry_after)


def test_given_failures_then_the_waits_grow_and_together_last_three_days() -> None:
    now, attempts, waits = NOW, 1, []
    while (due := next_attempt(a_claim(attempts), an_answer(), now, 0.5)) is not None:
        waits.append(due - now)
        now, attempts = due, attempts + 1

    assert waits == sorted(waits)
    assert waits[0] == timedelta(seconds=5)
    assert NOW + RETRY_FOR - now < 7 * HOUR
    assert 15 <= attempts <= 25


@pytest.mark.parametrize(("chance", "seconds"), [(0, 4.0), (0.5, 5.0), (1, 6.0)])
def test_given_chance_then_those_that_failed_together_come_back_apart(
    chance: float, seconds: float
) -> None:
    due = next_attempt(a_claim(), an_answer(), NOW, chance)

    assert due == NOW + timedelta(seconds=seconds)


def test_given_an_answer_that_asks_for_patience_then_it_is_heard_within_reason() -> None:
    asked = next_attempt(a_claim(), an_answer(429, timedelta(minutes=2)), NOW, 0.5)
    too_much = next_attempt(a_claim(), an_answer(503, timedelta(days=9)), NOW, 0.5)

    assert asked == NOW + timedelta(minutes=2)
    assert too_much == NOW + HOUR


@pytest.mark.parametrize(
    "claim", [a_claim(until=NOW), a_claim(until=NOW + timedelta(seconds=4)), a_claim(is_lost=True)]
)
def test_given_no_time_or_no_event_then_there_is_no_further_attempt(claim: Claim) -> None:
    assert next_attempt(claim, an_answer(), NOW, 0.5) is None


@pytest.mark.parametrize(
    ("status", "taken"),
    [
        (200, True),
        (204, True),
        (299, True),
        (199, False),
        (300, False),
        (404, False),
        (None, False),
    ],
)
def test_given_an_answer_then_only_those_of_success_take_it(status: int, taken: bool) -> None:
    assert an_answer(status).is_taken is taken


def test_given_two_secrets_then_receivers_of_either_verify_the_signature() -> None:
    one, two, body = b"1" * 32, b"2" * 32, '{"é": 1}'.encode()
    at = int(datetime.now(UTC).timestamp())
    header = signature("1-0-00", at, body, (one, two))
    headers = {"webhook-id": "1-0-00", "webhook-timestamp": str(at), "webhook-signature": header}

    for secret in (one, two):
        assert Webhook(write_secret(secret)).verify(body, headers) == {"é": 1}


def test_given_a_secret_that_was_replaced_then_it_is_valid_for_its_time_and_never_shown() -> None:
    recipient = Recipient(
        "e", "https://x", frozenset(), NOW, ((b"new", None), (b"old", NOW + HOUR))
    )

    assert recipient.valid_secrets(NOW) == [b"new", b"old"]
    assert recipient.valid_secrets(NOW + HOUR) == [b"new"]
    assert "new" not in repr(recipient)

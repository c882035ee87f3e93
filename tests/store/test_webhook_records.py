"""Endpoints and deliveries as bytes and back; secrets sealed."""

from datetime import timedelta

import pytest

from sidecar.core.event_log import Event
from sidecar.core.reasons import Ended
from sidecar.core.users import UserId
from sidecar.core.webhooks import Answer, Cause, Claim, DeliveryState
from sidecar.store.seal import SealBroken
from sidecar.store.webhook_records import EndpointRecord, read_delivery, write_delivery
from tests.store.seeds import NOW

KEY = b"k" * 32
RECORD = EndpointRecord("e1", "https://x/", frozenset({"a.b"}), "words", NOW, NOW, ())


def test_given_an_endpoint_then_it_is_read_as_it_was_stored_and_its_secret_is_sealed() -> None:
    record = RECORD.with_secret(KEY, b"secret" * 5, NOW)
    raw = record.encode().encode()

    assert EndpointRecord.decode("e1", raw) == record
    assert b"secretsecret" not in raw
    assert record.recipient(KEY).valid_secrets(NOW) == [b"secret" * 5]


@pytest.mark.parametrize(("key", "endpoint"), [(b"o" * 32, "e1"), (KEY, "e2")])
def test_given_another_key_or_another_endpoint_then_its_secret_cannot_be_read(
    key: bytes, endpoint: str
) -> None:
    raw = RECORD.with_secret(KEY, b"s" * 32, NOW).encode().encode()

    with pytest.raises(SealBroken):
        EndpointRecord.decode(endpoint, raw).recipient(key)


def test_given_secrets_that_follow_one_another_then_only_the_two_newest_are_kept() -> None:
    record = RECORD
    for secret in (b"1", b"2", b"3"):
        record = record.with_secret(KEY, secret * 32, NOW)

    assert [secret for secret, _ in record.recipient(KEY).secrets] == [b"3" * 32, b"2" * 32]
    shown = record.endpoint({}, 7, NOW)
    assert (shown.previous_until, shown.waiting) == (NOW + timedelta(hours=24), 7)
    assert record.endpoint({}, 0, NOW + timedelta(hours=24)).previous_until is None


def test_given_its_health_then_the_endpoint_shows_it() -> None:
    shown = RECORD.endpoint({b"failures": b"3", b"since": b"1000", b"at": b"500"}, 0, NOW)

    assert shown.failures == 3
    assert shown.failing_since is not None
    assert shown.failing_since.timestamp() == 1
    assert EndpointRecord.decode("e", RECORD.encode().encode()).cause is None
    assert Cause("gone") is Cause.GONE


@pytest.mark.parametrize(
    ("status", "next_at", "state"),
    [(204, None, "delivered"), (500, NOW, "retrying"), (None, None, "failed")],
)
def test_given_an_attempt_when_it_is_kept_then_all_that_the_log_shows_comes_back(
    status: int | None, next_at: object, state: str
) -> None:
    event = Event("1-0-00", NOW, "session.ended", UserId("u1"), "uma", reason=Ended.REVOKED)
    claim = Claim("e1", 0, "u1", "1-0-00", 2, NOW, event)
    answer = Answer(status, "" if status else "timeout", timedelta(milliseconds=12))

    kept = write_delivery(claim, answer, NOW, NOW if next_at else None)
    read = read_delivery("1-0-00", kept)

    assert read.state == DeliveryState(state)
    assert (read.type, read.user_id, read.username) == ("session.revoked", "u1", "uma")
    assert (read.attempts, read.at, read.status) == (2, NOW, status)
    assert (read.error, read.took) == (answer.error, answer.took)
    assert read.next_at == (NOW if next_at else None)

from datetime import UTC, datetime

from sidecar.core.audit_seal import AuditSeal, SealedSpan

SPANS = (SealedSpan(0, "1-0", "3-0", 3), SealedSpan(7, "2-0", "2-0", 1))


def a_seal(number: int, base: int) -> AuditSeal:
    at = datetime(2026, 5, 17, tzinfo=UTC)
    return AuditSeal(number, at, b"p", b"r", b"x", SPANS, base, 1, "key")


def test_given_spans_of_partitions_then_the_seal_counts_all_their_entries() -> None:
    assert a_seal(5, 1).count == 4


def test_given_its_own_base_then_a_seal_says_where_the_streams_begin() -> None:
    assert a_seal(5, 5).has_starts
    assert not a_seal(5, 1).has_starts

"""Spans of time as people write them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.spans import read_span, write_span


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("500ms", timedelta(milliseconds=500)),
        ("0s", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("24h", timedelta(days=1)),
        ("400d", timedelta(days=400)),
    ],
)
def test_given_a_number_and_a_unit_when_it_is_read_then_it_is_that_span(
    text: str, expected: timedelta
) -> None:
    assert read_span(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "15",
        "m",
        "15 m",
        "-5m",
        "1.5h",
        "15M",
        "1h30m",
        "15m\n",
        "\u0661m",
        "36501d",
        "9999999999999ms",
    ],
)
def test_given_anything_else_when_it_is_read_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be a span such as|is longer than"):
        read_span(text)


@given(st.integers(0, 10**14), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_given_any_span_when_it_is_read_then_an_instant_can_be_moved_by_it(
    number: int, unit: str
) -> None:
    try:
        span = read_span(f"{number}{unit}")
    except ValueError:
        return

    assert datetime(2026, 1, 1, tzinfo=UTC) + span >= datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(), "0ms"),
        (timedelta(milliseconds=1500), "1500ms"),
        (timedelta(seconds=90), "90s"),
        (timedelta(minutes=60), "60m"),
        (timedelta(minutes=90), "90m"),
        (timedelta(hours=24), "24h"),
        (timedelta(days=400), "400d"),
    ],
)
def test_given_a_span_when_it_is_written_then_people_would_write_it_so(
    span: timedelta, text: str
) -> None:
    assert write_span(span) == text


@given(st.integers(0, 10**12))
def test_given_any_span_when_it_is_written_then_it_reads_as_the_same(milliseconds: int) -> None:
    span = timedelta(milliseconds=milliseconds)

    assert read_span(write_span(span)) == span

from datetime import UTC, datetime, timedelta, timezone

import pytest

from sidecar.core.instants import read_instant, write_instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_given_an_instant_of_another_zone_when_it_is_written_then_it_is_utc_and_cut() -> None:
    value = datetime(2026, 3, 4, 1, 2, 3, 999_999, timezone(timedelta(hours=2)))

    assert write_instant(value) == "2026-03-03T23:02:03.999Z"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-01-31T09:30:00Z", datetime(2026, 1, 31, 9, 30, tzinfo=UTC)),
        ("2026-01-31t09:30:00.5z", datetime(2026, 1, 31, 9, 30, 0, 500_000, UTC)),
        ("2026-01-31T09:30:00.123456789Z", datetime(2026, 1, 31, 9, 30, 0, 123_456, UTC)),
        ("2026-01-31T09:30:00+02:00", datetime(2026, 1, 31, 7, 30, tzinfo=UTC)),
        ("2026-01-31T09:30:00-00:30", datetime(2026, 1, 31, 10, 0, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", datetime(2016, 12, 31, 23, 59, 59, 999_999, UTC)),
        ("0000-02-29T00:00:00Z", EPOCH),
        ("0001-01-01T00:00:00+10:00", EPOCH),
        ("9999-12-31T23:59:59-10:00", datetime(9999, 12, 31, 23, 59, 59, 999_000, UTC)),
    ],
)
def test_given_an_instant_of_rfc_3339_when_it_is_read_then_it_is_the_one_in_utc(
    text: str, value: datetime
) -> None:
    assert read_instant(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "now",
        "1700000000",
        "2026-01-31",
        "2026-01-31T09:30:00",
        "2026-01-31 09:30:00Z",
        "2026-02-30T09:30:00Z",
        "2026-01-31T24:00:00Z",
        "2026-01-31T09:30:61Z",
        "2026-01-31T09:30:00+24:00",
        "2026-01-31T09:30:00+02:60",
        "２026-01-31T09:30:00Z",
        "2026-01-31T09:30:00Z\n",
    ],
)
def test_given_what_is_no_instant_when_it_is_read_then_it_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no instant"):
        read_instant(text)

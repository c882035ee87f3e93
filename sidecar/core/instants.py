"""Instants as text, the way the API writes and reads them: RFC 3339."""

import re
from datetime import UTC, datetime, timedelta, timezone

_FORM = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_NONE = "this is no instant such as 2026-01-31T09:30:00Z"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)


def write_instant(value: datetime) -> str:
    """Write an instant as RFC 3339 UTC with exactly three fraction digits and `Z`.

    Milliseconds are cut, not rounded: an instant never lies in the future because of its format.
    """
    utc = value if value.tzinfo is UTC else value.astimezone(UTC)
    return utc.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def read_instant(text: str) -> datetime:
    """Return the instant, aware and in UTC. Raises ValueError for what RFC 3339 does not know: a
    day or an hour that does not exist too.

    What is before 1970 counts as 1970, since nothing of ours is older, and a leap second as the
    end of the second before it.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise ValueError(_NONE)
    year, month, day, hour, minute, second = (int(part) for part in match.groups()[:6])
    leap = second == 60
    microsecond = 999_999 if leap else int((match[7] or "0")[:6].ljust(6, "0"))
    offset = timedelta()
    if match[8]:
        if int(match[9]) > 23 or int(match[10]) > 59:
            raise ValueError(_NONE)
        offset = timedelta(hours=int(match[9]), minutes=int(match[10]))
        offset = -offset if match[8] == "-" else offset
    # Year 0 is one of RFC 3339 and none of Python's; it had a 29th of February, as 4 has.
    there = 4 if year == 0 else year
    seconds = 59 if leap else second
    try:
        local = datetime(there, month, day, hour, minute, seconds, microsecond, timezone(offset))
    except ValueError:
        raise ValueError(_NONE) from None
    try:
        return max(_EPOCH, local.astimezone(UTC))
    except OverflowError:
        return _EPOCH if there < 5 else _LATEST

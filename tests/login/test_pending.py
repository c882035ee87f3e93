"""The one cookie of sign-ins under way: bounded, ours, and of use for minutes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.session import Handle
from sidecar.login.pending import (
    LARGEST,
    LASTS,
    MOST,
    Pending,
    flow_of,
    read_pending,
    write_pending,
)

NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
KEY, OTHER = b"k" * 32, b"o" * 32
KEYS = {"k1": KEY, "k2": OTHER}
ONE = Pending("state-1", "corp", NOW, "/a?b=1", Handle("h-1"), fresh=True)
TWO = Pending("state-2", "other", NOW)


def test_given_sign_ins_under_way_then_the_same_are_read_again() -> None:
    value = write_pending([ONE, TWO], "k1", KEY)

    assert read_pending(value, KEYS, NOW) == ((ONE, TWO), "k1")


def test_given_more_than_fit_then_the_newest_stay_and_the_cookie_is_bounded() -> None:
    many = [replace(ONE, state=f"state-{n}", return_to="/" + "x" * 590) for n in range(20)]

    value = write_pending(many, "k1", KEY)
    entries, _ = read_pending(value, KEYS, NOW)

    assert len(value) <= LARGEST + 64
    assert 1 <= len(entries) <= MOST
    assert entries == tuple(many[-len(entries) :])
    few, _ = read_pending(write_pending([TWO] * 20, "k1", KEY), KEYS, NOW)
    assert len(few) == MOST


def test_given_a_way_back_that_is_too_long_then_it_leads_home() -> None:
    long = replace(ONE, return_to="/" + "x" * 601)

    entries, _ = read_pending(write_pending([long], "k1", KEY), KEYS, NOW)

    assert entries[0].return_to == "/"


def test_given_a_sign_in_that_took_too_long_then_it_is_not_under_way_any_more() -> None:
    value = write_pending([replace(ONE, begun_at=NOW - LASTS), TWO], "k1", KEY)

    assert read_pending(value, KEYS, NOW)[0] == (TWO,)
    assert read_pending(value, KEYS, NOW - timedelta(seconds=1))[0][0].state == "state-1"


GOOD = write_pending([ONE], "k1", KEY)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "x",
        "..",
        GOOD[:-2] + "AA",
        GOOD.replace("k1.", "k2.", 1),
        GOOD.replace("k1.", "k9.", 1),
        "k1." + write_pending([TWO], "k1", KEY).split(".")[1] + "." + GOOD.split(".")[2],
        write_pending([ONE], "k1", OTHER),
        "k1." + "A" * 5000 + ".x",
        "k1.ä.ö",
    ],
)
def test_s_54_given_a_cookie_that_is_not_ours_then_nothing_is_under_way(value: str | None) -> None:
    assert read_pending(value, KEYS, NOW) == ((), "")


def test_given_a_flow_then_its_secrets_follow_from_state_and_key_and_from_nothing_else() -> None:
    flow = flow_of(ONE, KEY)

    assert flow == flow_of(replace(ONE, return_to="/other"), KEY)
    assert flow.fresh
    others = (flow_of(ONE, OTHER), flow_of(replace(ONE, state="state-3"), KEY))
    secrets = {flow.nonce, flow.verifier}
    for other in others:
        secrets |= {other.nonce, other.verifier}
    assert len(secrets) == 6
    assert 43 <= len(flow.verifier) <= 128  # RFC 7636, section 4.1
    assert flow.verifier not in GOOD

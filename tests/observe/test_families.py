import re
from itertools import pairwise

from sidecar.core.reasons import Ended
from sidecar.observe.families import CELL_COUNT, FAMILIES, OFFSETS, SESSIONS_ENDED

CONTRACT = {
    ("sidecar_requests_total", "verdict"),
    ("sidecar_request_seconds", ""),
    ("sidecar_gate_seconds", ""),
    ("sidecar_upstream_seconds", ""),
    ("sidecar_sessions_active", ""),
    ("sidecar_sessions_opened_total", "method"),
    ("sidecar_sessions_ended_total", "reason"),
    ("sidecar_logins_total", "result"),
    ("sidecar_lockouts_total", ""),
    ("sidecar_revocation_seconds", ""),
    ("sidecar_live_connections", "kind"),
    ("sidecar_dead_tokens_total", ""),
    ("sidecar_ip_spread_users", ""),
    ("sidecar_alarms_active", "kind"),
    ("sidecar_store_up", ""),
    ("sidecar_store_seconds", ""),
    ("sidecar_policy_reload_success", ""),
}
"""Others read these by name; `sidecar_build_info` is made by the collector."""

FORBIDDEN_LABELS = {"user", "username", "user_id", "handle", "session", "path", "url", "ip"}


def test_given_the_families_when_they_are_laid_out_then_no_two_share_a_cell() -> None:
    spans = [(OFFSETS[family.name], OFFSETS[family.name] + family.width) for family in FAMILIES]

    assert all(before[1] == after[0] for before, after in pairwise(spans))
    assert spans[-1][1] == CELL_COUNT


def test_given_the_families_when_they_are_named_then_the_names_follow_the_convention() -> None:
    for family in FAMILIES:
        assert re.fullmatch(r"sidecar_[a-z_]+", family.name)
        assert family.name.endswith("_total") == (family.kind == "counter")
        assert family.help.endswith(".")


def test_given_a_histogram_when_it_is_declared_then_its_buckets_rise_and_it_is_in_seconds() -> None:
    for family in FAMILIES:
        if family.kind == "histogram":
            assert family.name.endswith("_seconds")
            assert list(family.buckets) == sorted(set(family.buckets))


def test_given_the_contract_when_the_families_are_declared_then_every_metric_of_it_is_there() -> (
    None
):
    declared = {(family.name, family.label) for family in FAMILIES}

    missing = CONTRACT - declared

    assert not missing


def test_given_a_gauge_when_it_is_declared_then_its_help_says_how_to_add_up_replicas() -> None:
    of_replicas = {
        "sum": "Add the replicas up.",
        "min": "Of replicas, take the lowest.",
        "latest": "The same for all replicas: take the highest.",
    }

    for family in FAMILIES:
        if family.kind == "gauge":
            assert family.help.endswith(of_replicas[family.merge])


def test_given_the_labels_when_they_are_declared_then_none_names_a_person_or_a_path() -> None:
    assert not {family.label for family in FAMILIES} & FORBIDDEN_LABELS


def test_given_every_reason_of_an_end_when_it_is_counted_then_it_has_a_series() -> None:
    assert set(SESSIONS_ENDED.values) == {reason.value for reason in Ended}

"""The policy in force: a good file replaces it whole, a bad one never does."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sidecar.core.policy import Policy
from sidecar.policy_file import PolicyInvalid
from sidecar.policy_source import Outcome, PolicySource, Report

ONE_SESSION = "session.max_per_user = 1"
TWO_SESSIONS = "session.max_per_user = 2"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(ONE_SESSION)
    return path


@pytest.fixture
def source(path: Path) -> PolicySource:
    return PolicySource(path)


@pytest.fixture
async def changes(source: PolicySource) -> AsyncIterator[asyncio.Queue[Outcome]]:
    """What the watcher tells, as it tells it."""
    told: asyncio.Queue[Outcome] = asyncio.Queue()
    watcher = asyncio.create_task(source.watch(told.put_nowait, timedelta(milliseconds=10)))
    yield told
    watcher.cancel()
    with suppress(asyncio.CancelledError):
        await watcher


def most(source: PolicySource) -> int:
    return source.current.session.limits.max_per_user


def test_given_no_path_when_a_source_is_made_then_the_policy_of_the_product_is_in_force() -> None:
    assert PolicySource(None).current == Policy()


def test_given_a_bad_file_when_a_source_is_made_then_start_is_refused(path: Path) -> None:
    path.write_text("session = 3")

    with pytest.raises(PolicyInvalid):
        PolicySource(path)


def test_given_a_good_file_when_it_is_reloaded_then_the_new_policy_is_in_force(
    path: Path, source: PolicySource
) -> None:
    path.write_text(TWO_SESSIONS)

    outcome = source.reload()

    assert outcome.faults == ()
    assert outcome.policy == source.current
    assert most(source) == 2


def test_given_a_reload_to_report_when_it_is_made_then_its_outcome_waits_for_the_audit_log(
    path: Path, source: PolicySource
) -> None:
    path.write_text(TWO_SESSIONS)
    source.reload_and_report()
    path.write_text("lockout.failures = 0")
    source.reload_and_report()
    source.reload()

    good, bad = source.reports.get_nowait(), source.reports.get_nowait()

    assert good.faults == ()
    assert list(good.changes) == ["session.max_per_user: 1 → 2"]
    assert list(bad.changes) == []
    assert [fault.key for fault in bad.faults] == ["lockout.failures"]
    assert source.reports.empty()
    assert most(source) == 2


def test_given_one_fault_when_it_is_reloaded_then_nothing_of_the_file_is_taken(
    path: Path, source: PolicySource
) -> None:
    path.write_text(f"{TWO_SESSIONS}\nlockout.failures = 0")

    outcome = source.reload()

    assert outcome.policy is None
    assert [fault.key for fault in outcome.faults] == ["lockout.failures"]
    assert most(source) == 1


def test_given_a_vanished_file_when_it_is_reloaded_then_the_old_policy_stays(
    path: Path, source: PolicySource
) -> None:
    path.unlink()

    (fault,) = source.reload().faults

    assert fault.problem == "cannot be read: no such file or directory"
    assert most(source) == 1


async def test_given_a_watched_file_when_it_changes_then_the_policy_does_and_that_is_told(
    path: Path, source: PolicySource, changes: asyncio.Queue[Outcome]
) -> None:
    path.write_text(TWO_SESSIONS + " ")

    assert (await changes.get()).faults == ()
    assert most(source) == 2


async def test_given_a_watched_file_when_it_turns_bad_and_good_then_both_are_told(
    path: Path, source: PolicySource, changes: asyncio.Queue[Outcome]
) -> None:
    path.write_text("session = 3")
    (fault,) = (await changes.get()).faults
    still = most(source)

    path.write_text(TWO_SESSIONS + "  ")
    faults = (await changes.get()).faults

    assert fault.key == "session"
    assert still == 1
    assert faults == ()
    assert most(source) == 2


async def test_given_a_watched_file_when_another_is_moved_over_it_then_the_change_is_seen(
    tmp_path: Path,
    path: Path,
    source: PolicySource,
    changes: asyncio.Queue[Outcome],
) -> None:
    other = tmp_path / "other"
    other.write_text(TWO_SESSIONS)
    os.utime(other, ns=(0, path.stat().st_mtime_ns))
    other.replace(path)

    assert (await changes.get()).faults == ()
    assert most(source) == 2


async def test_given_a_watched_folder_when_a_file_is_added_then_the_change_is_seen(
    tmp_path: Path,
) -> None:
    (tmp_path / "1.toml").write_text(ONE_SESSION)
    source = PolicySource(tmp_path)
    changed = asyncio.Event()
    watcher = asyncio.create_task(source.watch(lambda _: changed.set(), timedelta(milliseconds=10)))

    (tmp_path / "2.toml").write_text(TWO_SESSIONS)
    await changed.wait()
    watcher.cancel()

    assert most(source) == 2


def test_given_no_reload_when_the_state_is_asked_then_it_says_where_the_values_came_from(
    source: PolicySource,
) -> None:
    state = source.state()

    assert state.policy.places == {"session": "policy.toml", "session.max_per_user": "policy.toml"}
    assert state.last_reload is None


def test_given_the_policy_of_the_product_when_the_state_is_asked_then_all_are_defaults() -> None:
    assert not PolicySource(None).state().policy.places


def test_given_a_bad_file_when_it_is_reloaded_then_the_state_says_so_without_its_folder(
    path: Path, source: PolicySource
) -> None:
    begun = source.state().loaded_at
    path.write_text("session = 3")

    source.reload()

    state = source.state()
    assert state.loaded_at == begun
    assert state.last_reload is not None
    [fault] = state.last_reload.faults
    assert (fault.place, fault.key) == ("policy.toml", "session")


def test_given_a_good_file_when_it_is_reloaded_then_the_state_is_of_that_moment(
    path: Path, source: PolicySource
) -> None:
    begun = source.state().loaded_at
    path.write_text(TWO_SESSIONS)

    source.reload()

    state = source.state()
    assert state.last_reload is not None
    assert state.last_reload.at == state.loaded_at > begun
    assert not state.last_reload.faults


def test_given_a_reload_that_another_process_made_when_it_is_taken_then_all_is_as_if_read_here(
    path: Path, source: PolicySource
) -> None:
    path.write_text(TWO_SESSIONS)
    other = PolicySource(path)
    good = other.reload()
    path.write_text("session = 3")
    bad = other.reload()

    source.take(good)
    source.take(bad, report=True)

    assert source.state() == other.state()
    assert most(source) == 2
    assert source.reports.get_nowait() == Report(bad.faults)
    assert source.reports.empty()


def test_given_a_reload_that_is_told_again_then_it_only_waits_for_the_audit_log(
    path: Path, source: PolicySource
) -> None:
    path.write_text(TWO_SESSIONS)
    outcome = replace(PolicySource(path, source.current).reload(), again=True)
    heard = list[str]()
    source.on_entered = lambda: heard.append("entered")
    before = source.state()

    source.take(outcome, report=True)

    report = source.reports.get_nowait()
    assert list(report.changes) == ["session.max_per_user: 1 → 2"]
    assert source.state() == before
    source.entered(report)
    source.entered(Report())
    assert heard == ["entered"]


def test_given_a_start_when_it_is_told_then_it_waits_for_the_audit_log_and_changes_nothing(
    source: PolicySource,
) -> None:
    before = source.state()

    source.take(Outcome(datetime.now(UTC), started=3), report=True)

    assert source.reports.get_nowait() == Report(started=3)
    assert source.state() == before

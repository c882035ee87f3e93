"""Settings that change while the product runs."""

import asyncio
import logging
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from sidecar.settings_load import load_settings
from sidecar.settings_watch import SettingsWatch

Log = pytest.LogCaptureFixture
START = 'workers = 2\nredis.url = "redis://:hunter2@one"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "sidecar.toml"
    file.write_text(START)
    return file


@pytest.fixture
def watch(file: Path) -> SettingsWatch:
    read = partial(load_settings, file, {}, {})
    return SettingsWatch(file, read, read())


def told(log: Log) -> list[str]:
    return [record.message for record in log.records if record.levelno == logging.WARNING]


def test_given_the_same_settings_when_somebody_asks_then_nothing_is_said(
    file: Path, watch: SettingsWatch, caplog: Log
) -> None:
    file.write_text(f"# with a comment\n{START}")

    watch.look()

    assert told(caplog) == []


def test_given_changed_settings_when_somebody_asks_then_one_warning_names_keys_and_no_value(
    file: Path, watch: SettingsWatch, caplog: Log
) -> None:
    file.write_text('workers = 3\nupstream = "http://app"\nredis.url = "redis://:swordfish@two"\n')

    watch.look()

    assert told(caplog) == ["settings_need_restart"]
    fields = vars(caplog.records[0])
    assert fields["keys"] == ["redis.url", "upstream", "workers"]
    assert "hunter2" not in str(fields)
    assert "swordfish" not in str(fields)


def test_given_settings_that_are_wrong_now_when_somebody_asks_then_one_warning_says_so(
    file: Path, watch: SettingsWatch, caplog: Log
) -> None:
    file.write_text("workers = 0\nwokers = 2\n")

    watch.look()

    assert told(caplog) == ["changed_settings_invalid"]
    assert vars(caplog.records[0])["faults"] == 2


def test_given_a_change_that_was_told_when_nobody_asks_then_it_is_told_again_only_if_new(
    file: Path, watch: SettingsWatch, caplog: Log
) -> None:
    for text in ("workers = 3", "workers = 3", START, "workers = 3", "workers = 4"):
        file.write_text(text)
        watch.look(asked=False)

    assert len(told(caplog)) == 3


async def test_given_a_file_that_changes_when_it_is_watched_then_one_warning_follows(
    file: Path, watch: SettingsWatch, caplog: Log
) -> None:
    task = asyncio.create_task(watch.watch(timedelta(milliseconds=5)))
    await asyncio.sleep(0)  # it has seen the file as it was
    file.write_text("workers = 3")
    await until_told(caplog, 1)
    file.unlink()
    await until_told(caplog, 2)
    task.cancel()

    assert told(caplog) == ["settings_need_restart", "changed_settings_invalid"]


async def until_told(log: Log, times: int) -> None:
    for _ in range(5000):
        if len(told(log)) >= times:
            return
        await asyncio.sleep(0.002)
    pytest.fail(f"told {told(log)}")

"""The lock between processes of one machine."""

import math
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sidecar.store.file_lock import FileLock


def test_given_a_taken_lock_when_another_tries_then_it_is_refused_and_knows_by_whom(
    tmp_path: Path,
) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    assert first.take(patience=0)

    assert not second.take(patience=0)
    assert not second.share()
    assert second.is_taken()
    assert second.holder == str(os.getpid())


def test_given_a_lock_that_is_given_back_then_the_next_one_takes_it(tmp_path: Path) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.take(patience=0)

    first.give_back()

    assert not second.is_taken()
    assert second.take(patience=0)


def test_given_a_shared_lock_then_more_may_share_it_and_none_may_take_it(tmp_path: Path) -> None:
    first, second, third = (FileLock(tmp_path / "lock") for _ in range(3))
    assert first.share()

    assert second.share()
    assert not third.take(patience=0)


def test_given_a_lock_held_for_long_when_another_wants_it_then_it_gives_up_whatever_its_patience(
    tmp_path: Path,
) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.take(patience=0, for_long=True)

    assert not second.take(patience=math.inf)
    assert second.holder == str(os.getpid())


def test_given_a_holder_for_long_that_leaves_soon_when_another_wants_it_then_it_waits(
    tmp_path: Path,
) -> None:
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")
    first.take(patience=0, for_long=True)
    first.leave_soon()

    with ThreadPoolExecutor(1) as others:
        waiting = others.submit(second.take, math.inf)
        assert not waiting.done()
        first.give_back()

        assert waiting.result()


def test_given_a_killed_holder_for_long_when_a_brief_one_follows_then_its_word_counts(
    tmp_path: Path,
) -> None:
    (tmp_path / "lock").write_text("1 for long\n")
    first, second = FileLock(tmp_path / "lock"), FileLock(tmp_path / "lock")

    assert first.take(patience=0)

    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    assert not second.take(patience=0)


def test_given_a_holder_that_dies_then_the_lock_is_free(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, sys\n"
        "from sidecar.store.file_lock import FileLock\n"
        "lock = FileLock(pathlib.Path(sys.argv[1]))\n"
        "assert lock.take(0)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", program, tmp_path / "lock"], check=False)

    assert FileLock(tmp_path / "lock").take(patience=0)


def test_given_a_folder_that_is_not_there_then_nothing_is_taken_or_shared(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "none" / "lock")

    assert not lock.is_taken()
    assert not lock.share()
    assert lock.holder == ""

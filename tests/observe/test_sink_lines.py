"""Lines that stay: turned over by size, whole after a crash, and never waiting for ever."""

import os
from pathlib import Path

import pytest

from sidecar.core.audit_sinks import SinkDown
from sidecar.observe.sink_lines import FileSink, StreamSink
from tests.observe.entries import an_entry, ids, line

NAMES = [f"{number}-0-00" for number in range(100)]


async def test_given_more_than_a_file_takes_then_it_is_turned_over_between_lines(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audit.jsonl"
    sink = FileSink(path, line, max_size=100, keep=3)
    for begin in range(0, 30, 7):
        await sink.write([an_entry(number) for number in range(begin, min(begin + 7, 30))])
    await sink.close()

    files = [path, *(path.with_name(f"audit.jsonl.{n}") for n in (1, 2, 3))]
    assert sorted(tmp_path.iterdir()) == files
    kept = [name for file in reversed(files) for name in ids(file.read_bytes())]
    assert kept == NAMES[30 - len(kept) : 30]
    assert all(0 < file.stat().st_size <= 100 for file in files)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sink.stands()


async def test_given_half_a_line_after_a_crash_then_it_is_cut_off_before_more_is_added(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audit.jsonl"
    path.write_bytes(line(an_entry(0)) + line(an_entry(1))[:-5])

    sink = FileSink(path, line, max_size=1000, keep=1)
    await sink.write([an_entry(1)])
    await sink.close()

    assert ids(path.read_bytes()) == NAMES[:2]


async def test_given_a_file_that_somebody_moved_away_then_a_new_one_is_begun(
    tmp_path: Path,
) -> None:
    path = tmp_path / "audit.jsonl"
    sink = FileSink(path, line, max_size=1000, keep=1)
    await sink.write([an_entry(0)])
    path.rename(tmp_path / "elsewhere")
    await sink.write([an_entry(1)])
    await sink.close()

    assert ids(path.read_bytes()) == NAMES[1:2]
    assert ids((tmp_path / "elsewhere").read_bytes()) == NAMES[:1]


async def test_given_a_folder_that_is_gone_then_the_sink_is_down_until_it_is_back(
    tmp_path: Path,
) -> None:
    sink = FileSink(tmp_path / "logs" / "audit.jsonl", line, max_size=1000, keep=1)
    with pytest.raises(SinkDown, match="no such file"):
        await sink.write([an_entry(0)])
    (tmp_path / "logs").mkdir()

    await sink.write([an_entry(0)])
    await sink.close()

    assert ids((tmp_path / "logs" / "audit.jsonl").read_bytes()) == NAMES[:1]


async def test_given_a_pipe_that_nobody_reads_then_the_wait_ends_and_no_line_stays_torn() -> None:
    reading, writing = os.pipe()
    sink = StreamSink(writing, line, patience=0.05)
    many = [an_entry(number, reason="x") for number in range(5000)]
    with pytest.raises(SinkDown, match="nobody reads"):
        await sink.write(many)
    first = os.read(reading, 1 << 20)
    await sink.write([an_entry(1)])
    await sink.close()
    os.close(writing)
    rest = os.read(reading, 1 << 20)
    os.close(reading)

    assert sink.stands()
    lines = (first + rest).split(b"\n")
    assert lines[-2] == line(an_entry(1)).rstrip()
    assert first.endswith(b"\n") or rest.startswith(b"\n")


async def test_given_a_pipe_whose_reader_is_gone_then_the_sink_is_down() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(SinkDown, match="broken pipe"):
        await StreamSink(writing, line).write([an_entry(0)])
    os.close(writing)

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sidecar.observe.output import LineWriter


def test_given_lines_when_they_are_flushed_then_they_stand_in_the_file_in_order(
    tmp_path: Path,
) -> None:
    target = tmp_path / "log"
    fd = os.open(target, os.O_WRONLY | os.O_CREAT)
    writer = LineWriter(fd)

    for number in range(100):
        writer.put(f"{number}\n".encode())

    assert writer.flush()
    assert target.read_text().split() == [str(number) for number in range(100)]


def test_given_lines_soon_after_others_when_nobody_flushes_then_they_are_written_all_the_same(
    tmp_path: Path,
) -> None:
    target = tmp_path / "log"
    writer = LineWriter(os.open(target, os.O_WRONLY | os.O_CREAT))
    writer.put(b"first\n")
    assert writer.flush()

    for number in range(3):
        writer.put(b"%d\n" % number)
    while target.read_bytes() != b"first\n0\n1\n2\n":
        time.sleep(0.01)

    assert writer.flush()


def test_given_a_reader_that_stalls_when_too_much_waits_then_lines_are_dropped_and_counted() -> (
    None
):
    source, sink = os.pipe()
    dropped: list[int] = []
    writer = LineWriter(sink, dropped=dropped.append, limit=1 << 20)

    for _ in range(3):
        writer.put(b"x" * (1 << 19) + b"\n", 7)

    assert sum(dropped) >= 7
    assert os.read(source, 10) == b"x" * 10
    os.close(source)


def test_given_a_reader_that_is_gone_when_lines_are_written_then_they_are_counted_as_lost() -> None:
    source, sink = os.pipe()
    os.close(source)
    dropped: list[int] = []
    writer = LineWriter(sink, dropped=dropped.append)

    writer.put(b"one\ntwo\n", 2)

    assert writer.flush()
    assert dropped == [2]


def test_given_a_pipe_that_does_not_block_when_it_is_full_then_the_writer_waits_for_room() -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    writer = LineWriter(sink)
    data = b"y" * 300_000 + b"\n"

    writer.put(data)
    received = b""
    while len(received) < len(data):
        received += os.read(source, 65_536)

    assert received == data
    assert writer.flush()


WRITING = """
import sys
from sidecar.observe.output import LineWriter
writer = LineWriter(1, lock_fd=int(sys.argv[1]))
for _ in range(50):
    writer.put(sys.argv[2].encode() * 20_000 + b"\\n")
    writer.flush(30)
"""


def test_given_two_processes_on_one_pipe_when_both_write_long_lines_then_none_is_torn() -> None:
    source, sink = os.pipe()
    with tempfile.TemporaryFile() as lock:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", WRITING, str(lock.fileno()), letter],
                stdout=sink,
                pass_fds=(lock.fileno(),),
            )
            for letter in "ab"
        ]
        os.close(sink)
        with os.fdopen(source, "rb") as reader:
            received = reader.read()

    assert [process.wait() for process in processes] == [0, 0]
    assert received.count(b"\n") == 100
    assert set(received.split()) == {b"a" * 20_000, b"b" * 20_000}

import json
import os
import subprocess
import sys

import pytest
from aiohttp import http_parser

from sidecar.process import StartRefused, give_back_memory, require_c_parsers

PROGRAM = """
import logging, tempfile
from sidecar.process import begin_logs, give_back_memory
from sidecar.settings import LogSettings
with tempfile.TemporaryFile() as lock:
    begin_logs(LogSettings(format={form!r}), lock_fd=lock.fileno(), process="trial")
    logging.getLogger("sidecar.trial").info("trial_began")
    logging.shutdown()
"""


def logged(form: str) -> str:
    program = PROGRAM.format(form=form)
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stderr


def test_given_no_terminal_when_a_process_logs_then_its_lines_are_json_with_its_name() -> None:
    line = json.loads(logged("auto"))

    assert line["event"] == "trial_began"
    assert line["process"] == "trial"


def test_given_people_want_to_read_when_a_process_logs_then_its_lines_are_for_people() -> None:
    assert "info    trial_began" in logged("pretty")


def test_s34_given_the_c_parsers_when_the_process_begins_then_nothing_is_in_the_way() -> None:
    require_c_parsers()


def test_s34_given_the_pure_parsers_when_the_process_begins_then_it_refuses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(http_parser, "HttpRequestParser", http_parser.HttpRequestParserPy)

    with pytest.raises(StartRefused, match="C parsers"):
        require_c_parsers()


def test_s34_given_extensions_are_switched_off_when_a_process_begins_then_it_refuses() -> None:
    program = "from sidecar.process import require_c_parsers; require_c_parsers()"

    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "AIOHTTP_NO_EXTENSIONS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert "StartRefused" in ended.stderr


def test_given_a_c_library_without_a_trim_when_memory_is_given_back_then_nothing_happens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("ctypes.CDLL", lambda name: object())

    give_back_memory()


def test_given_this_c_library_when_memory_is_given_back_then_the_process_goes_on() -> None:
    give_back_memory()


def limits_after(count: int, soft: int, hard: int) -> tuple[str, str]:
    """Start a process with these limits of open files; return its soft limit then, and its log."""
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from sidecar.process import allow_connections
allow_connections({count}, {count})
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return ended.stdout.strip(), ended.stderr.strip()


def test_f16_given_a_low_soft_limit_when_many_connections_are_to_come_then_it_is_raised() -> None:
    assert limits_after(1500, soft=1024, hard=4096) == ("1756", "")


def test_f16_given_a_high_soft_limit_when_connections_are_to_come_then_it_stays() -> None:
    assert limits_after(100, soft=1024, hard=4096) == ("1024", "")


def test_f16_given_a_low_hard_limit_when_many_connections_are_to_come_then_the_log_says_so() -> (
    None
):
    soft, log = limits_after(5000, soft=1024, hard=2048)

    assert soft == "2048"
    assert "open_files_limited" in log

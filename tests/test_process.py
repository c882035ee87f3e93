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


def require_otel_in(program: str) -> str:
    """Ask for what traces need, after that program; return what it printed."""
    asked = (
        "from sidecar.process import StartRefused, require_otel\n"
        "from sidecar.settings import OtelSettings\n"
        "try:\n    require_otel(OtelSettings(endpoint=where))\n"
        "except StartRefused as refused:\n    print(refused)\n"
    )
    return subprocess.run(
        [sys.executable, "-c", program + asked], capture_output=True, text=True, check=True
    ).stdout


def test_given_traces_are_wanted_when_their_packages_are_here_then_nothing_is_in_the_way() -> None:
    assert not require_otel_in("where = 'http://collector'\n")


def test_given_traces_are_wanted_when_their_packages_are_not_here_then_the_way_is_said() -> None:
    without = "import sys; sys.modules['opentelemetry'] = None; where = 'http://collector'\n"

    assert "pip install 'session-sidecar[otel]'" in require_otel_in(without)


def test_given_no_traces_are_wanted_when_their_packages_are_not_here_then_none_is_missed() -> None:
    assert not require_otel_in("import sys; sys.modules['opentelemetry'] = None; where = None\n")


def limits_after(clients: int, soft: int, hard: int) -> tuple[list[int], str]:
    """Start a process with these limits of open files, for so many clients and 100 connections to
    the upstream; return its soft limit then and how many clients it has room for, and its log."""
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
from sidecar.process import allow_connections
room = allow_connections({clients}, 100)
print(resource.getrlimit(resource.RLIMIT_NOFILE)[0], room)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return [int(number) for number in ended.stdout.split()], ended.stderr.strip()


def test_f16_given_a_low_soft_limit_when_many_connections_are_to_come_then_it_is_raised() -> None:
    assert limits_after(1500, soft=1024, hard=4096) == ([3356, 1500], "")


def test_f16_given_a_high_soft_limit_when_connections_are_to_come_then_it_stays() -> None:
    assert limits_after(100, soft=1024, hard=4096) == ([1024, 100], "")


@pytest.mark.parametrize(
    ("hard", "clients"), [(5456, 5000), (2048, 1692), (400, 72), (256, 32), (64, 8)]
)
def test_f16_given_a_low_hard_limit_when_many_are_to_come_then_those_it_has_room_for_may(
    hard: int, clients: int
) -> None:
    (soft, room), log = limits_after(5000, soft=min(hard, 1024), hard=hard)

    assert (soft, room) == (hard, clients)
    assert ("open_files_limited" in log) is (clients < 5000)

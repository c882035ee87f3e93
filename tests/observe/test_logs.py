import asyncio
import json
import logging
import os
import subprocess
import sys
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sidecar.observe.logs import LogHandler, configure_logs, report_loop_faults
from sidecar.observe.output import LineWriter

SECRET = "hunter2-hunter2"


class Output:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.writer = LineWriter(os.open(path, os.O_WRONLY | os.O_CREAT))

    def text(self) -> str:
        assert self.writer.flush()
        return self._path.read_text()

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture
def output(tmp_path: Path) -> Output:
    return Output(tmp_path / "log")


@pytest.fixture
def logger(output: Output) -> Iterator[logging.Logger]:
    logger = logging.getLogger("sidecar.trial")
    handler = LogHandler(output.writer, pretty=False, process="worker 1")
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    yield logger
    logger.removeHandler(handler)


def test_given_an_event_when_it_is_logged_then_it_is_one_json_line_with_its_fields(
    logger: logging.Logger, output: Output
) -> None:
    logger.info("session_ended", extra={"handle": "h1", "count": 2})

    (line,) = output.lines()

    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "info",
        "event": "session_ended",
        "from": "sidecar.trial",
        "handle": "h1",
        "count": 2,
        "process": "worker 1",
    }


@pytest.mark.parametrize(
    "text", ["a\r\nb", "\x1b[31m", '"}{"', "\u2028\u2029\x85", "\udcff", "x" * (1 << 20)]
)
def test_s88_given_a_hostile_text_when_it_is_logged_then_it_is_one_short_line_of_ascii(
    logger: logging.Logger, output: Output, text: str
) -> None:
    logger.info("request_refused", extra={"userAgent": text, text[:9]: "as a name"})

    assert output.text().count("\n") == 1
    assert output.text()[:-1].isprintable()
    assert output.text().isascii()
    assert len(output.text()) < 8192
    assert output.lines()[0]["event"] == "request_refused"


def test_s88_given_too_many_fields_when_they_are_logged_then_the_line_keeps_only_its_head(
    logger: logging.Logger, output: Output
) -> None:
    logger.info("flooded", extra={"many": ["x" * 2000] * 30})

    (line,) = output.lines()
    assert line["event"] == "flooded"
    assert "many" not in line


def test_given_a_field_named_like_a_head_when_it_is_logged_then_the_head_stands(
    logger: logging.Logger, output: Output
) -> None:
    logger.info("session_ended", extra={"event": "forged", "level": "none"})

    assert output.lines()[0]["event"] == "session_ended"
    assert output.lines()[0]["level"] == "info"


def test_s89_given_an_exception_when_it_is_logged_then_values_stay_out(
    logger: logging.Logger, output: Output
) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError:
        logger.exception("sign_in_failed", extra={"password": SECRET})

    (line,) = output.lines()
    assert SECRET not in output.text()
    assert line["error"] == "ValueError"
    assert any("test_logs.py" in frame for frame in line["where"])


def test_given_a_library_with_a_wrong_format_when_it_logs_then_the_line_is_still_written(
    output: Output,
) -> None:
    record = logging.makeLogRecord({"msg": "%d things", "args": ("text",)})

    LogHandler(output.writer, pretty=False).emit(record)

    assert output.lines()[0]["event"] == "%d things"


def test_given_a_terminal_when_an_event_is_logged_then_the_line_is_for_people(
    output: Output,
) -> None:
    record = logging.makeLogRecord(
        {"msg": "user_added", "levelname": "INFO", "created": 0.5, "name": "x", "who": "a b"}
    )

    LogHandler(output.writer, pretty=True).emit(record)

    assert output.text() == '00:00:00.500 info    user_added who="a b"\n'


@pytest.fixture
def whole_process(output: Output) -> Iterator[None]:
    """Logging is global: put back what was there."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    hooks = sys.excepthook, threading.excepthook
    configure_logs(output.writer, level="warning")
    yield
    logging.captureWarnings(False)
    root.handlers[:] = handlers
    root.setLevel(level)
    sys.excepthook, threading.excepthook = hooks


@pytest.mark.usefixtures("whole_process")
def test_given_the_whole_process_when_libraries_log_and_warn_then_it_ends_up_here(
    output: Output,
) -> None:
    logging.getLogger("somebody.else").warning("Cookie: a=%s", SECRET)
    logging.getLogger("somebody.else").info("too low")
    warnings.warn("old", UserWarning, stacklevel=1)

    events = [line["event"] for line in output.lines()]

    assert len(events) == 2
    assert SECRET not in output.text()


@pytest.mark.usefixtures("whole_process")
async def test_s89_given_a_task_that_nobody_awaits_when_it_fails_then_its_values_stay_out(
    output: Output,
) -> None:
    loop = asyncio.get_running_loop()
    report_loop_faults(loop)
    try:
        loop.call_exception_handler(
            {"message": "Task exception was never retrieved", "exception": ValueError(SECRET)}
        )
    finally:
        loop.set_exception_handler(None)

    (line,) = output.lines()
    assert line["event"] == "task_failed"
    assert line["error"] == "ValueError"
    assert SECRET not in output.text()


@pytest.mark.usefixtures("whole_process")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_s89_given_a_thread_when_it_fails_then_its_values_stay_out(output: Output) -> None:
    def fail() -> None:
        raise ValueError(SECRET)

    configure_logs(output.writer)
    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert output.lines()[0]["event"] == "thread_failed"
    assert SECRET not in output.text()


def test_s89_given_an_exception_that_ends_the_process_then_it_is_one_line_without_values() -> None:
    program = (
        "import atexit\n"
        "from sidecar.observe.logs import configure_logs\n"
        "from sidecar.observe.output import LineWriter\n"
        "writer = LineWriter(2)\n"
        "configure_logs(writer)\n"
        "atexit.register(writer.flush)\n"
        f"raise ValueError({SECRET!r})\n"
    )

    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert ended.returncode == 1
    assert SECRET not in ended.stderr
    assert json.loads(ended.stderr)["event"] == "process_failed"

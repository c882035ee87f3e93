"""Sinks of the settings, put together: what they write is what the API says."""

import json
from pathlib import Path

import pytest

from sidecar.app_sinks import Sinks, build_sink
from sidecar.observe.sink_lines import FileSink, StreamSink
from sidecar.observe.sink_syslog import SyslogSink
from sidecar.settings_load import load_settings
from tests.observe.syslog_server import a_syslog_server
from tests.receivers import eventually
from tests.store.rig import a_rig


async def test_given_a_file_and_a_receiver_then_both_get_what_is_done(
    redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "audit.jsonl"
    async with a_rig(redis_url) as rig, a_syslog_server() as server:
        sinks = f"file:{path},syslog+tcp://127.0.0.1:{server.port}"
        settings = load_settings(None, {}, {"audit.sinks": sinks}).audit
        running = Sinks(settings, rig.database)
        running.start()
        user = await rig.a_user()
        (entry,) = await rig.entries()
        await server.until({entry.id})

        async def in_the_file() -> str:
            return path.read_text() if path.exists() else ""

        written = json.loads(await eventually(in_the_file))
        await running.stop()

    assert (written["id"], written["action"]) == (entry.id, "user.created")
    assert written["target"] == {"userId": user.id, "username": "alice", "sessionId": None}
    assert server.messages[0].kind == "user.created"


@pytest.mark.parametrize(
    ("sink", "kind"),
    [("stdout", StreamSink), ("file:/tmp/x", FileSink), ("syslog+tls://h:1", SyslogSink)],
)
def test_given_a_sink_then_it_is_built_as_it_is_written(
    sink: str, kind: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = load_settings(None, {}, {"audit.sinks": sink}).audit
    monkeypatch.setattr("sys.stdout", open("/dev/null", "w"))  # noqa: SIM115 (lives with the test)

    assert isinstance(build_sink(settings.sinks[0], settings), kind)

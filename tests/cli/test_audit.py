"""`sidecar audit tail` and `export`, on a real Redis."""

import csv
import io
import json
import signal
import subprocess
import sys
from pathlib import Path

from sidecar.admin.audit import COLUMNS
from sidecar.cli.main import main
from tests.cli.audited import Installation
from tests.store.sealing import Log


def test_given_entries_when_the_newest_are_shown_then_they_are_in_order(
    audit: Installation,
) -> None:
    ids = audit.seal(5)

    code, out = audit("tail", "-n", "3")

    assert code == 0
    assert [line.rpartition("[")[2][:-1] for line in out.splitlines()] == ids[2:]
    assert "user.banned by system on alice0 spam [" in out
    lines = [json.loads(line) for line in audit("tail", "--json")[1].splitlines()]
    assert [line["id"] for line in lines[:-1]] == ids
    assert lines[-1]["action"] == "audit.read"  # the first look, and no further one for a while
    assert audit("tail")[1].count("audit.read") == 1
    assert lines[0]["target"]["userId"] == "alice0"
    assert audit("tail", "-n", "-1")[0] == 2


def test_given_a_policy_with_faults_then_the_log_is_read_and_proved_all_the_same(
    audit: Installation, tmp_path: Path
) -> None:
    (entry,) = audit.seal(1)
    (tmp_path / "policy.toml").write_text('[session]\nidle_timeout = "soon"\n')
    config = audit.config.read_text()
    audit.config.write_text(f'policy = "{tmp_path / "policy.toml"}"\n{config}')

    proof = str(tmp_path / "proof.json")
    words = (("tail",), ("verify",), ("prove", entry, "--output", proof), ("public-key",))

    assert [audit(*word)[0] for word in words] == [0, 0, 0, 0]
    assert main(["users", "list", "--config", str(audit.config)]) == 1


def test_given_a_tail_that_follows_then_what_happens_is_shown_as_it_does(
    audit: Installation,
) -> None:
    (first,) = audit.seal(1)
    words = ["audit", "tail", "--follow", "--json", "--config", str(audit.config)]
    # Whoever started the tests may have them ignore Ctrl-C, as shells do in the background.
    program = ["env", "--default-signal=INT", sys.executable, "-m", "sidecar"]
    tail = subprocess.Popen([*program, *words], stdout=subprocess.PIPE)
    assert tail.stdout is not None

    try:
        assert json.loads(tail.stdout.readline())["id"] == first
        assert json.loads(tail.stdout.readline())["action"] == "audit.read"
        (second,) = audit.seal(1)
        assert json.loads(tail.stdout.readline())["id"] == second
    finally:
        tail.send_signal(signal.SIGINT)
        tail.communicate()
    assert tail.returncode == 130


def test_given_entries_when_they_are_exported_then_that_is_in_the_log_too(
    audit: Installation,
) -> None:
    ids = audit.seal(4)

    code, out = audit("export", "--format", "jsonl", "--action", "user.banned")

    assert code == 0
    assert [json.loads(line)["id"] for line in out.splitlines()] == ids[::-1]
    exported = json.loads(audit("tail", "-n", "1", "--json")[1])
    assert exported["action"] == "audit.exported"
    assert exported["details"] == {"format": "jsonl", "action": "user.banned"}
    rows = list(csv.reader(io.StringIO(audit("export", "--format", "csv")[1])))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 1 + 4 + 3  # two exports, and a look between them


def test_given_filters_then_only_what_they_let_through_is_exported(audit: Installation) -> None:
    async def write(log: Log) -> None:
        await log.write(6, people=3)

    audit.with_log(write)

    assert len(audit("export", "--user", "alice1")[1].splitlines()) == 2
    assert audit("export", "--user", "nosuchperson") == (1, "")
    assert audit("export", "--until", "2020-01-01T00:00:00Z")[1] == ""
    assert audit("export", "--since", "yesterday")[0] == 2
    assert audit("export", "--action", "user.flown")[0] == 2
    assert audit.error == "sidecar: --action: there is no user.flown\n"

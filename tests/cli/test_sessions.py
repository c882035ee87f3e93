"""`sidecar sessions`, on a real Redis."""

import asyncio
import json
from pathlib import Path

import pytest

from sidecar.cli.main import main
from sidecar.observe.metrics import Metrics
from sidecar.store.handed_counts import HandedCounts
from tests.store.rig import a_rig

Output = pytest.CaptureFixture[str]


@pytest.fixture
def config(tmp_path: Path, redis_url: str) -> str:
    file = tmp_path / "sidecar.toml"
    file.write_text(f'state_dir = "{tmp_path}"\n[redis]\nurl = "{redis_url}"\n')
    return str(file)


@pytest.fixture
def handles(redis_url: str) -> list[str]:
    """Two sessions of alice and one of bob, the newest last."""

    async def seed() -> list[str]:
        async with a_rig(redis_url) as rig:
            alice, bob = await rig.a_user("alice"), await rig.a_user("bob")
            opened = []
            for user in (alice, alice, bob):
                opened.append((await rig.open(user)).session.handle)
                await asyncio.sleep(0.002)
            return list(opened)

    return asyncio.run(seed())


def test_given_live_sessions_when_they_are_listed_then_the_newest_is_first(
    config: str, handles: list[str], capsys: Output
) -> None:
    code = main(["sessions", "list", "--json", "--config", config])

    listed = json.loads(capsys.readouterr().out)
    assert code == 0
    assert [item["id"] for item in listed["items"]] == handles[::-1]
    assert listed["total"] == 3
    assert {"username", "ipAddress", "createdAt", "lastActiveAt"} <= set(listed["items"][0])


def test_given_live_sessions_when_those_of_one_person_are_listed_then_only_they_are(
    config: str, handles: list[str], capsys: Output
) -> None:
    main(["--config", config, "--json", "sessions", "list", "--user", "ALICE", "--limit", "1"])

    listed = json.loads(capsys.readouterr().out)
    assert [item["id"] for item in listed["items"]] == [handles[1]]
    assert listed["total"] == 2


def test_given_sessions_that_commands_end_when_a_replica_counts_then_it_has_each_once(
    config: str, handles: list[str], redis_url: str
) -> None:
    async def counted() -> float:
        metrics = Metrics.alone()
        async with a_rig(redis_url) as rig:
            await HandedCounts(rig.database).take(metrics)
        return metrics.sessions_ended.value("revoked")

    main(["sessions", "revoke", handles[0], "--config", config])
    main(["sessions", "revoke", handles[0], "--config", config])
    main(["sessions", "revoke", "--user", "bob", "--config", config])

    assert asyncio.run(counted()) == 2
    assert asyncio.run(counted()) == 0


def test_given_a_live_session_when_it_is_revoked_then_it_is_once(
    config: str, handles: list[str], capsys: Output
) -> None:
    words = ["sessions", "revoke", handles[0], "--config", config]

    assert main(words) == 0
    assert capsys.readouterr().out == "ended a session of alice\n"
    assert main(words) == 1
    assert capsys.readouterr().err == "sidecar: no live session has that id\n"


def test_given_a_person_when_their_sessions_are_revoked_then_it_says_how_many(
    config: str, handles: list[str], capsys: Output
) -> None:
    words = ["sessions", "revoke", "--user", "alice", "--json", "--config", config]

    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == {"revoked": 2}
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out) == {"revoked": 0}


@pytest.mark.parametrize("words", [[], ["x", "--user", "alice"]])
def test_given_neither_or_both_of_session_and_person_then_it_is_exit_2(
    config: str, words: list[str]
) -> None:
    assert main(["sessions", "revoke", *words, "--config", config]) == 2


@pytest.mark.parametrize("handle", ["x", "*", "P" + "a" * 29])
def test_given_what_is_no_session_then_nothing_is_revoked(config: str, handle: str) -> None:
    assert main(["sessions", "revoke", handle, "--config", config]) == 1

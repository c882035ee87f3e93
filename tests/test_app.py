"""One worker, composed: each part is given what it needs, and tells who has to know."""

import json
import ssl
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from sidecar.core.audit import SYSTEM, Action
from sidecar.core.audit_log import EVERYTHING
from sidecar.core.users import Role
from sidecar.front.tls import ServerTls
from sidecar.store import sweeper
from sidecar.store.clock import StoreClock
from sidecar.store.keys import Keys
from tests.certificates import write_certificate
from tests.proxy.handshakes import UPGRADE, agreed, echo
from tests.serving import POLICY, a_sidecar, a_store
from tests.wires import a_request, an_upstream, until


async def test_given_a_person_when_they_sign_in_then_the_upstream_hears_who_and_it_is_counted(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
        a_store(redis_url) as store,
    ):
        await store.add("alice")
        refused = await sidecar.sign_in("alice", "not this one at all")
        cookie = await sidecar.cookie_of("alice")

        without = await sidecar.ask(a_request("/closed"))
        answer = await sidecar.ask(a_request("/closed", cookie))

        metrics = sidecar.metrics
        assert (refused.status, without.status, answer.status) == (401, 401, 200)
        assert b"\r\nX-Forwarded-User: alice\r\n" in upstream.heads[0]
        assert len(upstream.heads) == 1
        await until(lambda: metrics.requests.value("allow") > 0)
        assert metrics.requests.value("allow") == metrics.requests.value("sign_in") == 1
        assert metrics.logins.value("signed_in") == 1
        assert metrics.logins.value("invalid_credentials") == 1
        assert metrics.sessions_opened.value("password") == 1
        assert metrics.store_up.value() == 1
        assert metrics.store_seconds.count() > 0


async def test_given_a_banned_person_when_their_token_comes_again_then_the_dead_token_is_counted(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
        a_store(redis_url) as store,
    ):
        alice = await store.add("alice")
        cookie = await sidecar.cookie_of("alice")
        await store.users.ban(alice.id, SYSTEM, "left", highest=Role.OWNER)

        answer = await sidecar.ask(a_request("/closed", cookie))

        assert answer.status == 401
        assert sidecar.metrics.dead_tokens.value() == 1
        assert sidecar.logs.events.count("dead_token_used") == 1
        assert upstream.heads == []


async def test_given_failures_in_a_row_when_a_name_is_locked_then_that_is_counted(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
    ):
        sidecar.policy_file.write_text(POLICY + "[lockout]\nfailures = 2\n")
        sidecar.policy.reload()

        statuses = [(await sidecar.sign_in("nobody", "x" * 12)).status for _ in range(3)]

        assert statuses == [401, 401, 429]
        assert sidecar.metrics.lockouts.value() == 1
        assert sidecar.metrics.logins.value("locked") == 1


async def test_given_sessions_and_tunnels_when_they_open_then_the_gauges_say_so(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        a_store(redis_url) as store,
        an_upstream(echo) as upstream,
    ):
        await store.add("alice")
        where = f"http://127.0.0.1:{upstream.port}"
        async with a_sidecar(redis_url, where, tmp_path) as sidecar:
            await sidecar.sign_in("alice")
        # The first count of the next worker finds the session of the last.
        async with a_sidecar(redis_url, where, tmp_path) as sidecar:
            await until(lambda: sidecar.metrics.sessions_active.value() == 1)
            client = await sidecar.client()
            await client.send(a_request("/pub/ws", *UPGRADE))
            assert agreed(await client.head())
            open_then = sidecar.metrics.live_connections.value("websocket")
            client.close()
            await until(lambda: not sidecar.metrics.live_connections.value("websocket"))

        assert open_then == 1


async def test_given_a_new_policy_when_it_is_reloaded_then_it_holds_at_once_and_is_audited(
    redis_url: str, tmp_path: Path
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
        a_store(redis_url) as store,
    ):
        before = await sidecar.ask(a_request("/pub/x"))
        sidecar.policy_file.write_text("")
        sidecar.policy.reload_and_report()
        after = await sidecar.ask(a_request("/pub/x"))
        sidecar.policy_file.write_text("nonsense = 1")
        sidecar.policy.reload_and_report()
        await sidecar.end()

        entries = (await store.audit.read(EVERYTHING, 10)).entries

    assert (before.status, after.status) == (200, 401)
    assert [(entry.action, entry.actor, entry.outcome) for entry in reversed(entries)] == [
        (Action.POLICY_RELOADED, SYSTEM, "done"),
        (Action.POLICY_RELOADED, SYSTEM, "refused"),
    ]


@pytest.mark.parametrize(
    ("public_url", "name", "secure"),
    [("http://app.example", "sidecar=", False), ("https://app.example", "__Host-sidecar=", True)],
)
async def test_given_a_public_url_when_a_person_signs_in_then_the_cookie_is_as_safe_as_it_allows(
    redis_url: str, tmp_path: Path, public_url: str, name: str, secure: bool
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path, public_url=public_url
        ) as sidecar,
        a_store(redis_url) as store,
    ):
        await store.add("alice")
        answer = await sidecar.sign_in("alice")
        cookie = answer.fields["set-cookie"]
        answer = await sidecar.ask(a_request("/closed", f"Cookie: {cookie.partition(';')[0]}"))

    assert cookie.startswith(name)
    assert ("; Secure" in cookie) is secure
    assert answer.status == 200


async def test_given_a_certificate_when_it_listens_then_it_speaks_tls_and_says_so_to_the_upstream(
    redis_url: str, tmp_path: Path
) -> None:
    write_certificate(tmp_path, "localhost")
    tls = ServerTls(tmp_path / "cert.pem", tmp_path / "key.pem")
    trusting = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path, context=tls.context
        ) as sidecar,
    ):
        client = await sidecar.client(tls=trusting)
        await client.send(a_request("/pub/x"))

        assert (await client.answer()).status == 200
    assert b"\r\nX-Forwarded-Proto: https\r\n" in upstream.heads[0]


async def test_given_a_secret_file_when_it_starts_then_the_state_folder_gets_no_other(
    redis_url: str, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("5" * 64)
    secret.chmod(0o600)
    async with (
        a_store(redis_url) as store,
        an_upstream() as upstream,
    ):
        await store.add("alice")
        where = f"http://127.0.0.1:{upstream.port}"
        async with a_sidecar(redis_url, where, tmp_path, secret_file=str(secret)) as sidecar:
            cookie = await sidecar.cookie_of("alice")
        async with a_sidecar(redis_url, where, tmp_path, secret_file=str(secret)) as sidecar:
            answer = await sidecar.ask(a_request("/closed", cookie))

    assert answer.status == 200
    assert not (tmp_path / "state" / "secret").exists()


@pytest.mark.parametrize(("access", "lines"), [("true", 1), ("false", 0)])
async def test_given_the_access_log_when_it_is_switched_then_requests_are_noted_or_not(
    redis_url: str, tmp_path: Path, access: str, lines: int
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(
            redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path, log__access=access
        ) as sidecar,
    ):
        await sidecar.ask(a_request("/pub/noted"))
        await sidecar.end()

    assert sum("/pub/noted" in line for line in sidecar.logs.lines) == lines


async def test_given_a_store_whose_clock_is_ahead_when_a_person_asks_then_its_time_counts(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with (
        an_upstream() as upstream,
        a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
        a_store(redis_url) as store,
    ):
        await store.add("alice")
        cookie = await sidecar.cookie_of("alice")
        before = await sidecar.ask(a_request("/closed", cookie))
        measured = StoreClock.now

        monkeypatch.setattr(StoreClock, "now", lambda clock: measured(clock) + timedelta(hours=25))
        after = await sidecar.ask(a_request("/closed", cookie))

        assert (before.status, after.status) == (200, 401)


async def test_given_what_is_kept_for_some_time_when_that_is_over_then_the_worker_drops_it(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "INTERVAL", timedelta(milliseconds=20))
    keys = Keys()
    old = [1, "u", "alice", 0, "", "", "x", 1, 2, "revoked", "", "", "", "", ""]
    with Redis.from_url(redis_url) as redis:
        for _ in range(300):
            redis.xadd(keys.events(0), {"e": "{}"}, id="1000-*")
        redis.zadd(keys.ended(0), {json.dumps(old): 2})

        async with (
            an_upstream() as upstream,
            a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path),
        ):
            await until(lambda: redis.xlen(keys.events(0)) < 200)
            await until(lambda: redis.zcard(keys.ended(0)) == 0)


async def test_given_entries_of_the_audit_log_then_a_worker_seals_them_and_its_metrics_say_so(
    redis_url: str, tmp_path: Path
) -> None:
    keys = Keys()
    with Redis.from_url(redis_url) as redis:
        redis.xadd(keys.audit(0), {"e": '{"a":"user.banned","k":"system"}'})

        async with (
            an_upstream() as upstream,
            a_sidecar(redis_url, f"http://127.0.0.1:{upstream.port}", tmp_path) as sidecar,
        ):
            await until(lambda: redis.xlen(keys.audit_seals) == 1)
            await until(lambda: sidecar.metrics.audit_seal_number.value() == 1)

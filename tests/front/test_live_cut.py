"""Live sign-out on a real Redis: events, the second look, outages, those who watch."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from sidecar.core.event_log import Event
from sidecar.core.policy import Policy, SessionPolicy
from sidecar.core.ports import StoreUnavailable
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Limits
from sidecar.core.token import Token
from sidecar.front.live_cut import LiveCut
from tests.live_plane import Beside, a_live_plane, beside, handle_in
from tests.plane import Plane
from tests.proxy.handshakes import UPGRADE, agreed, echo
from tests.wires import Wire, a_request, an_upstream, until


def as_of(token: Token) -> str:
    return f"Cookie: sidecar={token}"


async def a_tunnel(plane: Plane, token: Token) -> Wire:
    client = await plane.client()
    await client.send(a_request("/app/ws", *UPGRADE, as_of(token)))
    assert agreed(await client.head())
    return client


async def close_reason(client: Wire) -> str:
    """Read one Close frame; return its reason."""
    first, length = await client.exactly(2)
    assert first == 0x88
    payload = await client.exactly(length)
    assert payload[:2] == (1008).to_bytes(2, "big")
    return payload[2:].decode()


@pytest.mark.parametrize("reason", list(Ended))
async def test_given_a_websocket_when_its_session_ends_then_it_is_closed_and_told_why(
    redis_url: str, reason: Ended
) -> None:
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token, other = await plane.seed(), await plane.seed(username="bob")
        client, others = await a_tunnel(plane, token), await a_tunnel(plane, other)

        await rest.end(token, reason)

        assert await close_reason(client) == reason.code
        await others.send(b"\x81\x80abcd")
        assert await others.exactly(6) == b"\x81\x80abcd"
        await until(lambda: rest.metrics.revocation_seconds.count() == 1)


async def test_given_a_verdict_that_was_read_before_the_end_when_it_comes_late_then_it_is_cut_too(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token = await plane.seed()
        ended = asyncio.Event()
        happened = LiveCut._happened

        async def first_nothing(live: LiveCut, events: list[Event]) -> None:
            """The pass of the event finds nothing: what it would find is only about to begin."""
            connections = live._register.connections
            live._register.connections = ()
            await happened(live, events)
            live._register.connections = connections
            ended.set()

        monkeypatch.setattr(LiveCut, "_happened", first_nothing)
        client = await a_tunnel(plane, token)
        await rest.end(token)
        await ended.wait()

        assert await close_reason(client) == "session_revoked"


async def test_given_a_store_that_was_away_when_a_session_ended_then_it_is_cut_on_the_return(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token, other = await plane.seed(), await plane.seed(username="bob")
        client, others = await a_tunnel(plane, token), await a_tunnel(plane, other)
        await until(lambda: not rest.live._check.doubt)
        away = asyncio.Event()

        async def nothing(_positions: list[str]) -> tuple[Event, ...]:
            away.set()
            raise StoreUnavailable("away")

        monkeypatch.setattr(rest.live._feed, "upcoming", nothing)
        await away.wait()
        await rest.vanish(token)  # and no event will ever tell
        monkeypatch.undo()

        assert await close_reason(client) == "session_revoked"
        await others.send(b"\x81\x80abcd")
        assert await others.exactly(6) == b"\x81\x80abcd"


async def test_given_a_store_that_is_behind_after_its_return_when_a_session_ends_then_it_is_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replica that took over knows less, and its clock may be slow: its ids begin again."""
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token, events = await plane.seed(), rest.database.keys.events(0)
        client = await a_tunnel(plane, token)
        seen = await rest.database.command("XADD", events, "9999999999999-0", "e", '{"t":"x"}')
        away, back = asyncio.Event(), asyncio.Event()
        feed, upcoming = rest.live._feed, rest.live._feed.upcoming

        async def nothing(positions: list[str]) -> Sequence[Event]:
            if positions[0].encode() != seen:
                return await upcoming(positions)
            await rest.database.command("DEL", events)
            away.set()
            monkeypatch.setattr(feed, "upcoming", noted)
            raise StoreUnavailable("away")

        async def noted(positions: list[str]) -> Sequence[Event]:
            back.set()
            return await upcoming(positions)

        monkeypatch.setattr(feed, "upcoming", nothing)
        await away.wait()
        await back.wait()
        await until(lambda: not rest.live._check.doubt)
        await rest.end(token)

        assert await close_reason(client) == "session_revoked"


async def test_given_a_fault_of_ours_in_one_cut_when_a_session_ends_then_the_others_are_cut(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token = await plane.seed()
        first, second = await a_tunnel(plane, token), await a_tunnel(plane, token)
        one = next(iter(plane.server.connections)).tunnel
        assert one is not None
        monkeypatch.setattr(one, "end", None)

        await rest.end(token)

        heard = await asyncio.gather(first.some(), second.some(), return_exceptions=True)
        assert {type(what) for what in heard} == {bytes, ConnectionResetError}


async def test_given_a_watch_when_the_session_ends_then_it_is_told_once(redis_url: str) -> None:
    async with an_upstream() as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        token, told = await plane.seed(), list[Ended]()
        rest.live.watch(handle_in(token), told.append)
        stop = rest.live.watch(handle_in(token), lambda reason: told.append(Ended.SIGNAL))
        stop()
        assert not told

        await rest.end(token, Ended.BANNED)
        await until(lambda: bool(told))
        await asyncio.gather(*rest.live._tasks - _endless(rest))

        assert told == [Ended.BANNED]
        stop()


def _endless(rest: Beside) -> set["asyncio.Task[None]"]:
    return {task for task in rest.live._tasks if "_once_more" not in repr(task)}


async def test_given_a_session_that_has_ended_when_it_is_watched_then_that_is_told_soon(
    redis_url: str,
) -> None:
    async with beside(redis_url) as rest:
        told: list[Ended] = []

        rest.live.watch(Handle("h" * 30), told.append)

        await until(lambda: told == [Ended.REVOKED])


async def test_given_a_watch_that_fails_when_the_session_ends_then_the_next_is_told(
    redis_url: str,
) -> None:
    async with beside(redis_url) as rest:
        told: list[Ended] = []

        def fail(_reason: Ended) -> None:
            raise RuntimeError("no")

        rest.live.watch(Handle("h" * 30), fail)
        rest.live.watch(Handle("h" * 30), told.append)

        await until(lambda: told == [Ended.REVOKED])


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"created_at": timedelta(hours=24)}, "session_expired"),
        ({"last_active_at": timedelta(minutes=60)}, "session_idle"),
    ],
)
async def test_given_a_websocket_when_its_session_reaches_a_limit_then_it_is_closed(
    redis_url: str, facts: dict[str, timedelta], code: str
) -> None:
    soon = timedelta(seconds=2)
    instants = {name: datetime.now(UTC) - span + soon for name, span in facts.items()}
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, _):
        client = await a_tunnel(plane, await plane.seed(**instants))

        assert await close_reason(client) == code


async def test_given_a_shorter_limit_in_a_new_policy_when_it_is_in_force_then_it_cuts(
    redis_url: str,
) -> None:
    created = datetime.now(UTC) - timedelta(minutes=10)
    async with an_upstream(echo) as upstream, a_live_plane(redis_url, upstream) as (plane, rest):
        client = await a_tunnel(plane, await plane.seed(created_at=created))

        limits = Limits(absolute_lifetime=timedelta(minutes=5))
        rest.policies.append(Policy(session=SessionPolicy(limits)))

        assert await close_reason(client) == "session_expired"

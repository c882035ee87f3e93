"""Who hangs on which session."""

from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.front.live_register import LiveRegister, Watch, handle_of
from tests.live_plane import handle_in
from tests.plane import a_plane
from tests.wires import Wire, a_request, an_upstream, read_request, until

ONE, OTHER = Handle("1" * 30), Handle("2" * 30)


def test_given_watches_when_one_session_ends_then_only_its_own_are_told_and_only_once() -> None:
    register, told = LiveRegister(), list[str]()
    register.add(Watch(ONE, lambda reason: told.append(f"first {reason}")))
    register.add(Watch(ONE, lambda reason: told.append(f"second {reason}")))
    register.add(Watch(OTHER, lambda reason: told.append(f"other {reason}")))

    assert register.tell(ONE, Ended.REVOKED) == 2
    assert register.tell(ONE, Ended.BANNED) == 0
    assert told == ["first revoked", "second revoked"]
    assert [handle_of(holder) for holder in register.holders()] == [OTHER]


def test_given_a_watch_when_it_is_removed_then_it_is_not_told_and_nothing_is_left_of_it() -> None:
    register, told = LiveRegister(), list[Ended]()
    watch = Watch(ONE, told.append)
    register.add(watch)

    register.remove(watch)
    register.remove(watch)

    assert register.tell(ONE, Ended.REVOKED) == 0
    assert not register.holders()


def test_given_a_watch_that_removes_itself_when_it_is_told_then_the_next_is_told_too() -> None:
    register, told = LiveRegister(), list[Ended]()
    watch = Watch(ONE, lambda reason: register.remove(watch))
    register.add(watch)
    register.add(Watch(ONE, told.append))

    register.tell(ONE, Ended.REVOKED)

    assert told == [Ended.REVOKED]


async def test_given_requests_when_one_is_under_way_then_only_its_connection_holds_the_session(
    redis_url: str,
) -> None:
    async def script(wire: Wire) -> None:
        await read_request(wire)
        await wire.is_closed()

    async with an_upstream(script) as upstream, a_plane(redis_url, upstream) as plane:
        register = LiveRegister()
        register.connections = plane.server.connections
        token = await plane.seed()
        client, anybody, silent = [await plane.client() for _ in range(3)]
        await client.send(a_request("/app", f"Cookie: sidecar={token}"))
        await anybody.send(a_request("/pub/x"))
        await until(lambda: len(upstream.heads) == 2 and len(plane.server.connections) == 3)

        holders = register.holders()
        found = register.connections_of({handle_in(token)})

        assert [conn for conn, _ in found] == holders
        silent.close()


async def test_given_a_request_that_is_over_when_its_session_ends_then_its_connection_is_found(
    redis_url: str,
) -> None:
    """For a part of the answer may still be on its way to a client that takes its time."""
    async with an_upstream() as upstream, a_plane(redis_url, upstream) as plane:
        register = LiveRegister()
        register.connections = plane.server.connections
        token = await plane.seed()
        client = await plane.client()
        await client.send(a_request("/app", f"Cookie: sidecar={token}"))
        await client.answer()

        assert len(register.connections_of({handle_in(token)})) == 1
        assert not register.holders()

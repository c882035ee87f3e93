"""Whatever ends a session, on whichever worker: all that is open ends with it, and nothing else.

S-63: a session that ends while a WebSocket, events or a download go on. ASVS 7.4.1.
"""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from tests.journeys.live.application import HALF_A_FRAME
from tests.journeys.live.holding import octets_until_cut
from tests.journeys.live.house import PASSWORD, House, handle_of
from tests.journeys.raw import lay_out
from tests.journeys.running import cookie

End = Callable[[House, str, str], Awaitable[object]]
"""Ends the session of a token that belongs to the person of that id."""

WEBSOCKET = (
    ("Connection", "Upgrade"),
    ("Upgrade", "websocket"),
    ("Sec-WebSocket-Version", "13"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
)


async def admin_ends_it(house: House, _user: str, token: str) -> object:
    return await house.act("DELETE", f"/sessions/{handle_of(token)}")


async def admin_ends_all_of_the_person(house: House, user: str, _token: str) -> object:
    return await house.act("DELETE", f"/sessions?userId={user}")


async def the_person_signs_out(house: House, _user: str, token: str) -> object:
    answer = await house.ask("POST", "/logout", token)
    assert answer.status == 204
    return answer


async def the_person_is_banned(house: House, user: str, _token: str) -> object:
    return await house.act("POST", f"/users/{user}/ban", {"reason": "a test"})


async def the_person_is_deleted(house: House, user: str, _token: str) -> object:
    return await house.act("DELETE", f"/users/{user}")


async def the_password_is_set(house: House, user: str, _token: str) -> object:
    return await house.act("POST", f"/users/{user}/password", {"new": f"{PASSWORD} indeed"})


async def the_role_is_changed(house: House, user: str, _token: str) -> object:
    return await house.act("PATCH", f"/users/{user}", {"role": "viewer"})


async def a_command_ends_it(house: House, _user: str, token: str) -> object:
    done = await asyncio.to_thread(house.product.command, "sessions", "revoke", handle_of(token))
    assert done.returncode == 0, done.stderr
    return done


ENDS = {
    admin_ends_it: "session_revoked",
    admin_ends_all_of_the_person: "session_revoked",
    the_person_signs_out: "session_signed_out",
    the_person_is_banned: "session_revoked",
    the_person_is_deleted: "session_revoked",
    the_password_is_set: "session_revoked",
    the_role_is_changed: "session_revoked",
    a_command_ends_it: "session_revoked",
}


@pytest.mark.parametrize(("end", "code"), ENDS.items(), ids=[end.__name__ for end in ENDS])
async def test_s63_given_all_that_can_be_open_when_the_session_ends_then_all_of_it_ends(
    house: House, end: End, code: str
) -> None:
    name = end.__name__.replace("_", "-")
    user = await house.person(name)
    await house.person(f"{name}-too")
    token, other = await house.sign_in(name), await house.sign_in(f"{name}-too")
    ending, staying = await house.hold_on_both(token), await house.hold(other, 2)

    await end(house, user, token)

    await ending.is_ended(code)
    await staying.is_whole()
    await house.until_it_is_over("/ws", "/events", "/zeros", "/poll", "/upload", user=name)
    answer = await house.ask("GET", "/api/session", token)
    assert answer.status == 401
    for holding in (ending, staying):
        await holding.close()


async def test_given_half_a_frame_when_the_session_ends_then_it_is_cut_and_nothing_follows(
    house: House,
) -> None:
    await house.person("half")
    token = await house.sign_in("half")
    client = await house.product.wire()
    await client.send(lay_out("/ws/half", cookie(token), *WEBSOCKET))
    await client.reader.readuntil(b"\r\n\r\n")
    assert await client.reader.readexactly(len(HALF_A_FRAME)) == HALF_A_FRAME

    await admin_ends_it(house, "", token)

    assert await octets_until_cut(client) == 0


async def test_given_one_of_two_sessions_of_a_person_when_it_ends_then_the_other_goes_on(
    house: House,
) -> None:
    await house.person("twice")
    first, second = await house.sign_in("twice"), await house.sign_in("twice")
    ending, staying = await house.hold(first), await house.hold(second)

    await admin_ends_it(house, "", first)

    await ending.is_ended("session_revoked")
    await staying.is_whole()
    for holding in (ending, staying):
        await holding.close()


async def test_given_everyone_is_signed_out_then_all_that_is_open_ends_but_the_admins_own(
    house: House,
) -> None:
    await house.person("everyone")
    tokens = [await house.sign_in("everyone") for _ in range(3)]
    holdings = [await house.hold(token) for token in tokens]
    own = await house.hold(house.owner)

    await house.act("POST", "/sessions/revoke", {"everyone": True})

    for holding in holdings:
        await holding.is_ended("session_revoked")
        await holding.close()
    await own.is_whole()
    await own.close()


async def test_given_what_was_cut_when_the_numbers_are_read_then_they_say_so(
    house: House,
) -> None:
    await house.person("counted")
    token = await house.sign_in("counted")
    before = house.product.metric("sidecar_revocation_seconds_count")
    holding = await house.hold(token)

    await admin_ends_it(house, "", token)
    await holding.is_ended("session_revoked")

    assert house.product.metric("sidecar_revocation_seconds_count") > before
    await holding.close()

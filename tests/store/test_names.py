"""Names live in the directory: the log has ids, and says how people are called when it is read."""

import json

from sidecar.core.audit import SYSTEM, Actor, ActorKind
from sidecar.core.audit_log import AuditQuery
from sidecar.core.listing import SessionFilter
from sidecar.core.people import PersonChange
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, UserId
from sidecar.store.names import Names, named
from tests.store.rig import Rig, actor_of


async def stored(rig: Rig) -> str:
    """Return all that the audit streams hold."""
    found = ""
    for part in range(rig.keys.partitions):
        for _, fields in await rig.database.command("XRANGE", rig.keys.audit(part), "-", "+"):
            found += fields[b"e"].decode() + "\n"
    return found


async def test_given_people_there_gone_and_never_then_each_has_the_name_that_is_known(
    rig: Rig,
) -> None:
    there, gone = await rig.a_user("Zoë"), await rig.a_user("Bob")
    await rig.users.delete(gone.id, SYSTEM, highest=Role.OWNER)
    names = Names(rig.database)

    found = await names.of([there.id, gone.id, there.id, "system", ""])

    assert found == {there.id: "Zoë", gone.id: "Bob"}
    assert await names.of([]) == {}
    assert await names.last_of("BOB ") == gone.id
    assert await names.last_of("zoë") is None
    assert named(Actor(ActorKind.USER, there.id), found).username == "Zoë"
    assert named(SYSTEM, found) == SYSTEM


async def test_given_everything_that_is_done_to_people_then_no_entry_holds_a_name(rig: Rig) -> None:
    root, alice = await rig.a_user("rootname", Role.OWNER), await rig.a_user("alicename")
    bob, by = await rig.a_user("bobname"), actor_of(root)
    for user in (alice, alice, bob, root):
        await rig.open(user)
    users, highest = rig.users, Role.OWNER
    await rig.sessions.end_matching(SessionFilter(), Ended.REVOKED, by)
    for _ in range(11):
        attempt = await rig.throttle.begin("AliceName", "192.0.2.1")
        if not attempt.locked:
            await rig.throttle.failed(attempt, alice.id, Actor(ActorKind.USER))
    await rig.throttle.unlock("ALICENAME", by)
    await users.ban(alice.id, by, "spam", highest=highest)
    await users.unban(alice.id, by, highest=highest)
    await users.set_password(alice.id, "phc", by, highest=highest)
    await users.begin_reset(alice.id, by, highest=highest)
    await users.change(alice.id, PersonChange(role=Role.ADMIN, email="x@y"), by, highest=highest)
    await rig.open(bob)
    await rig.sessions.end_all(bob.id, Ended.REVOKED, by)
    await users.delete(bob.id, by, highest=highest)

    assert "name" not in (await stored(rig)).replace("username", "").lower()
    entries = await rig.entries()
    called = {entry.target.username for entry in entries} | {e.actor.username for e in entries}
    assert called == {"", "rootname", "alicename", "bobname"}
    bulk = [entry.details["users"] for entry in entries if "users" in entry.details]
    assert bulk == (["alicename\nbobname\nrootname"] if rig.keys.partitions == 1 else [])


async def test_given_a_name_that_nobody_has_when_it_is_typed_then_it_stays_in_the_entry(
    rig: Rig,
) -> None:
    attempt = await rig.throttle.begin("Nobody", "192.0.2.1")
    await rig.throttle.failed(attempt, None, Actor(ActorKind.USER, ip_address="192.0.2.1"))

    (entry,) = [each for each in await rig.entries() if each.action.value == "login.failed"]
    assert entry.target.username == "Nobody"
    assert json.loads(await stored(rig))["tn"] == "Nobody"


async def test_given_a_person_with_a_new_name_or_none_then_their_entries_are_found_by_the_last(
    rig: Rig,
) -> None:
    user = await rig.a_user("Carol")
    await rig.open(user)
    await rig.users.delete(user.id, SYSTEM, highest=Role.OWNER)

    page = await rig.audit.read(AuditQuery(actor="carol"), 10)

    assert [entry.action.value for entry in page.entries] == ["session.opened"]
    assert page.entries[0].actor.username == "Carol"
    assert (await rig.audit.read(AuditQuery(user_id=UserId(user.id)), 10)).entries

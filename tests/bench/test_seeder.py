"""What is seeded is what the product would have stored."""

from typing import Any

from redis.asyncio import Redis

from sidecar.core.session import Device, Kind
from tests.bench.seeder import Seeder
from tests.store.rig import a_rig

STREAMS = (b"audit", b"events")
ABOUT_ACTS = (b"hours:", b"u:", b"ah:", b"gone", b"watch")


async def contents(redis: Redis) -> dict[bytes, Any]:
    """Return all that is about sessions: nothing of the acts that opened them."""
    found: dict[bytes, Any] = {}
    for key in sorted(await redis.keys("*")):
        assert isinstance(key, bytes)
        name = key.partition(b"}:")[2]
        if name in STREAMS or name.startswith(ABOUT_ACTS):
            continue
        kind = await redis.type(key)
        if kind == b"zset":
            found[key] = await redis.zrange(key, 0, -1, withscores=True)
        elif kind == b"hash":
            found[key] = await redis.hgetall(key)
        elif name.startswith((b"s:", b"a:")):
            found[key] = await redis.get(key)
    return found


async def test_given_opened_sessions_when_the_same_are_seeded_then_the_store_holds_the_same(
    redis_url: str, redis: Redis
) -> None:
    async with a_rig(redis_url) as rig:
        alice, bob = await rig.a_user("Alice"), await rig.a_user("bob")
        device = Device("Firefox on Linux", "Firefox", "Linux", "desktop")
        sessions = [
            (await rig.open(alice, device=device)).session,
            (await rig.open(alice, kind=Kind.AGENT, ip_address="2001:db8::7")).session,
            (await rig.open(bob, ip_address="unix")).session,
        ]
        opened = await contents(redis)
        assert len(opened) > 10
        for key in opened:
            if b"users" not in key:
                await redis.delete(key)

        await Seeder(rig.database).write(sessions)

        assert await contents(redis) == opened

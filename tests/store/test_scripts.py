"""The scripts as a whole: what they may use, and with how little right."""

import re

import pytest
from redis.asyncio import Redis

from sidecar.core.reasons import Ended
from sidecar.store import scripts
from sidecar.store.keys import USER_SHARDS
from tests.store.rig import Rig, a_rig, an_opening
from tests.store.seeds import ADMIN

REDIS_62 = {
    "DECR", "DEL", "EXISTS", "EXPIRE", "GET", "HDEL", "HEXISTS", "HGET", "HGETALL", "HINCRBY",
    "HLEN", "HSET", "HSETNX", "INCR", "LINDEX", "LPOP", "PEXPIRE", "PTTL", "RPUSH", "SADD",
    "SCARD", "SET", "SMEMBERS", "SREM", "TIME", "XADD", "XRANGE", "XREVRANGE", "XSETID", "ZADD",
    "ZCARD", "ZCOUNT",
    "ZLEXCOUNT", "ZRANGE", "ZRANGEBYLEX", "ZRANGEBYSCORE", "ZREM", "ZREMRANGEBYRANK",
    "ZREMRANGEBYSCORE", "ZREVRANGEBYSCORE", "ZSCORE",
}  # fmt: skip


@pytest.mark.parametrize("script", scripts.ALL, ids=lambda script: script.name)
def test_given_a_script_then_it_uses_only_commands_that_redis_6_2_has(
    script: scripts.Script,
) -> None:
    assert set(re.findall(r"redis\.call\('(\w+)'", script.source)) <= REDIS_62


@pytest.mark.parametrize("script", scripts.ALL, ids=lambda script: script.name)
async def test_given_a_script_then_redis_knows_it_by_our_digest(
    script: scripts.Script, redis: Redis
) -> None:
    assert await redis.script_load(script.source) == script.sha


def test_given_the_number_of_shards_then_lua_has_the_same() -> None:
    assert f"% {USER_SHARDS}," in scripts.END.source


async def test_s74_given_a_redis_user_with_little_right_then_the_product_works(
    redis_url: str, redis: Redis
) -> None:
    words = ["reset", "on", ">pw", "~sidecar:*", "+@all", "-@dangerous", "-@admin"]
    await redis.execute_command("ACL", "SETUSER", "little", *words)
    path = redis_url.removeprefix("unix://")

    async with a_rig(f"unix://little:pw@{path}") as rig:
        user = await rig.a_user()
        opened = await rig.open(user)
        rig.sessions.touch(opened.session)
        assert (await rig.sessions.list(0, 10))[1] == 1
        await rig.sessions.end(opened.session.handle, Ended.REVOKED, ADMIN)
        assert not (await rig.throttle.begin("alice", "192.0.2.7")).locked
        assert await rig.actions() == ["user.created", "session.opened", "session.revoked"]


async def test_given_the_life_of_a_session_then_every_key_is_under_the_prefix(
    rig: Rig, redis: Redis
) -> None:
    user = await rig.a_user()
    opened = await rig.open(user)
    await rig.sessions.rotate(opened.session, ADMIN)
    await rig.sessions.open(an_opening(user, replaces=opened.session.handle))
    await rig.throttle.begin("alice", "192.0.2.7")

    keys = await rig.database.command("KEYS", "*")

    assert all(re.match(rb"sidecar:\{p\d\d\}:", key) for key in keys)

"""How much of Redis' memory one live session takes: its keys and index entries, without tombstone
and audit. Opens 100,000 sessions of 100,000 people as the product does and divides.

    python tests/bench/session_memory.py [number of sessions]
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

from redis.asyncio import Redis

from sidecar.core.audit import SYSTEM
from sidecar.core.opening import Opened, Opening
from sidecar.core.policy import Policy
from sidecar.core.session import Device
from sidecar.core.users import Role, User
from sidecar.lifecycle import Lifecycle
from sidecar.observe.metrics import Metrics
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keyring import KeyRing
from sidecar.store.keys import Keys
from sidecar.store.users import Users

BUDGET = 2000
DEADLINE = timedelta(seconds=10)
USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/137.0.0.0 Safari/537.36"
)
SIGNED_IN_ONCE = """
local user = cjson.decode(redis.call('GET', KEYS[1]))
user.l = user.t
redis.call('SET', KEYS[1], cjson.encode(user))
"""
DEVICE = Device("Chrome on Windows", "Chrome", "Windows", "desktop")


async def measure(url: str, number: int) -> float:
    """Return bytes for each session."""
    redis = Redis.from_url(url)
    database = Database(connect(url, DEADLINE), Keys(), DEADLINE)
    policy, clock, metrics = Policy(), StoreClock(database), Metrics.alone()
    await clock.measure()
    keys = KeyRing(database, bytes(32), clock, lambda: policy.session.limits.absolute_lifetime)
    await keys.refresh()
    people = Users(database, lambda: policy, metrics)
    sessions = Lifecycle(database, lambda: policy, clock, keys, metrics)

    async def add(index: int) -> User:
        name = f"firstname.lastname{index:06d}"
        shown, email = f"Firstname Lastname{index:06d}", f"{name}@example.com"
        return await people.add(
            name, "-", Role.USER, SYSTEM, highest=Role.OWNER, email=email, display_name=shown
        )

    async def open_one(user: User, index: int) -> None:
        address = f"10.{index >> 16 & 255}.{index >> 8 & 255}.{index & 255}"
        opened = await sessions.open(Opening(user, SYSTEM, address, USER_AGENT, DEVICE))
        if not isinstance(opened, Opened):
            raise SystemExit(f"a session was refused: {opened}")

    users: list[User] = []
    for start in range(0, number, 500):
        users += await asyncio.gather(*map(add, range(start, min(start + 500, number))))
    # People have signed in before: the instant in their own record is no part of the session.
    for user in users:
        await redis.eval(SIGNED_IN_ONCE, 1, Keys().user(user.id))
    before = await used_memory(redis)
    for start in range(0, number, 500):
        part = users[start : start + 500]
        await asyncio.gather(*(open_one(user, start + i) for i, user in enumerate(part)))
    after = await used_memory(redis)
    for kind in ("s:", "a:", "us:"):
        key = await anybody(redis, kind)
        print(f"  {kind:4} {await redis.memory_usage(key):5} bytes, for example {key}")
    await database.close()
    await redis.aclose()
    return (after - before) / number


async def used_memory(redis: Redis) -> int:
    """Return the memory in use, without the streams, which are no part of a session."""
    streams = ["sidecar:{p00}:audit", "sidecar:{p00}:events"]
    await redis.delete(*streams)
    await asyncio.sleep(1.0)
    return int((await redis.info("memory"))["used_memory"])


async def anybody(redis: Redis, kind: str) -> str:
    async for key in redis.scan_iter(f"sidecar:{{p00}}:{kind}*", count=1000):
        return str(key.decode())
    raise SystemExit(f"no key {kind}")


async def main() -> int:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        print("needs redis-server or valkey-server on PATH")
        return 1
    with tempfile.TemporaryDirectory(prefix="scm-") as folder:
        socket_path = Path(folder) / "s"
        server = subprocess.Popen(
            [program, "--port", "0", "--unixsocket", str(socket_path), "--save", ""],
            stdout=subprocess.DEVNULL,
            cwd=folder,
        )
        try:
            for _ in range(200):
                if socket_path.exists():
                    break
                await asyncio.sleep(0.05)
            size = await measure(f"unix://{socket_path}", number)
        finally:
            server.terminate()
            server.wait()
    print(f"one live session: {size:.0f} bytes of Redis memory (budget {BUDGET})")
    return 0 if size <= BUDGET else 1


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main()))

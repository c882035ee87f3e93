"""Seals as fast as it can until it is killed: `python -m tests.store.seal_on URL STATE_DIR`."""

import asyncio
import sys
from pathlib import Path

from sidecar.core.policy import Policy
from sidecar.store import audit_sealer
from sidecar.store.audit_sealer import Sealer
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from tests.store.rig import DEADLINE
from tests.store.sealing import SECRET


async def main() -> None:
    setattr(audit_sealer, "STARTS_EVERY", 5)  # noqa: B010
    database = Database(connect(sys.argv[1], DEADLINE), Keys(partitions=64), DEADLINE)
    sealer = Sealer(database, SECRET, Policy, Path(sys.argv[2]), most=20)
    # Its predecessor was killed and has the lease still: here nobody waits for that.
    await database.command("DEL", database.keys.lease("sealer"))
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while True:
        await sealer.turn()


if __name__ == "__main__":
    asyncio.run(main())

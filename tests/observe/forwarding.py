"""A process that feeds the sinks of its settings, to be killed. Arguments: URL of Redis, sink."""

import asyncio
import sys

from sidecar.app_sinks import Sinks
from sidecar.settings_load import load_settings
from tests.store.rig import a_rig


async def main(url: str, sink: str) -> None:
    flags = {"audit.sinks": sink, "audit.file_max_size": "64KiB", "audit.file_keep": "1000"}
    settings = load_settings(None, {}, flags)
    async with a_rig(url) as rig:
        Sinks(settings.audit, rig.database).start()
        sys.stdout.write("begun\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))

"""Settings that change while the product runs count from its next start, and it says so.

Only the policy reloads. Without a word, an operator who edits the settings and sends SIGHUP, as for
the policy, would take them to be in force.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sidecar.settings import Settings
from sidecar.settings_load import SettingsInvalid
from sidecar.settings_texts import texts_of

log = logging.getLogger(__name__)


class SettingsWatch:
    """Compares what the settings would be now with those in force. Never changes them."""

    def __init__(self, file: Path, read: Callable[[], Settings], in_force: Settings) -> None:
        """file: the one to watch, which need not be there. read: reads all layers again; may
        raise SettingsInvalid."""
        self._file = file
        self._read = read
        self._in_force = texts_of(in_force).items()
        self._told: tuple[object, ...] = ()

    def look(self, *, asked: bool = True) -> None:
        """Log one warning if the settings have changed.

        asked: by somebody who expects them to count now; else what was told is not told again.
        """
        try:
            now = texts_of(self._read()).items()
        except SettingsInvalid as invalid:
            # As many lines as faults would hide the one thing to know here.
            told: tuple[object, ...] = invalid.faults
            event, about = "changed_settings_invalid", {"faults": len(told), "first": str(told[0])}
        else:
            told = tuple(sorted(now ^ self._in_force))
            keys = sorted({key for key, _ in now ^ self._in_force})
            event, about = "settings_need_restart", {"keys": keys}
        if told and (asked or told != self._told):
            log.warning(event, extra=about)
        self._told = told

    async def watch(self, every: timedelta = timedelta(seconds=1)) -> None:
        """Look when the file has changed and then stayed the same, until cancelled."""
        seen = last = _state(self._file)
        while True:
            await asyncio.sleep(every.total_seconds())
            now = await asyncio.to_thread(_state, self._file)
            if now != seen and now == last:
                seen = now
                self.look(asked=False)
            last = now


def _state(file: Path) -> tuple[int, ...]:
    """Return what tells one state of the file from another, without reading it."""
    try:
        found = file.stat()
    except OSError:
        return ()
    return found.st_mtime_ns, found.st_size, found.st_ino

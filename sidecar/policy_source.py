"""The policy in force, read again when its files change or when a signal asks for it."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

from sidecar.core.policy import Policy
from sidecar.faults import Fault
from sidecar.policy_file import PolicyInvalid, default_policy_file, load_policy, policy_files

OnChange = Callable[[Sequence[Fault]], None]
"""Told after each reload that the watcher made: the faults, or none when the policy is new."""

_Seen = tuple[tuple[str, int, int, int], ...]


class PolicySource:
    """Holds the current policy. A bad file never replaces a good one."""

    def __init__(self, path: Path | None, current: Policy | None = None) -> None:
        """Read the policy. path: None for the one that comes with the product.

        current: begin with this one, which was good when it was read, whatever the files hold now.
        Raises PolicyInvalid.
        """
        self._path = path or default_policy_file()
        self._seen = _look(self._path)
        self.current: Policy = current or load_policy(self._path)
        self.reports: asyncio.Queue[Sequence[Fault]] = asyncio.Queue()
        """How reloads went that are still to be entered in the audit log."""

    def reload(self) -> Sequence[Fault]:
        """Read the files again: all or nothing. Return why they were refused, or nothing."""
        self._seen = _look(self._path)
        try:
            self.current = load_policy(self._path)
        except PolicyInvalid as invalid:
            return invalid.faults
        return ()

    def reload_and_report(self) -> Sequence[Fault]:
        """Reload, and have the audit log say so."""
        faults = self.reload()
        self.reports.put_nowait(faults)
        return faults

    async def watch(self, on_change: OnChange, every: timedelta = timedelta(seconds=1)) -> None:
        """Reload when the files have changed, until cancelled.

        A change counts once two looks in a row have seen the same: a file that is being written
        could be a valid policy with its last rules missing.
        """
        last = self._seen
        while True:
            await asyncio.sleep(every.total_seconds())
            now = await asyncio.to_thread(_look, self._path)
            if now != self._seen and now == last:
                on_change(self.reload())
            last = now


def _look(path: Path) -> _Seen:
    """Return what tells one state of the files from another, without reading them."""
    try:
        found = [(file, file.stat()) for file in policy_files(path)]
    except OSError:
        return ()
    return tuple((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino) for file, stat in found)

"""The policy in force, read again when its files change or when a signal asks for it.

What reads the files is itself loaded when it is first needed: a worker begins with a policy that
was read for it, takes over what the supervisor reads later, and so does without the models of the
files, which are megabytes, unless a signal asks just this one worker to read them.
"""

import asyncio
import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

from sidecar.core.policy import Policy
from sidecar.core.policy_state import PolicyFault, PolicyState, Reload
from sidecar.core.policy_values import changes
from sidecar.faults import Fault
from sidecar.policy_place import default_policy_file, policy_files

OnChange = Callable[["Outcome"], None]
"""Told after each reload that the watcher made."""

_Seen = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a reload went. policy: in force since then; None where faults say why it was refused.

    changes: of the policy, one line for each key. started: no reload, but the start of the product
    with so many workers; 0: a reload. again: everybody knows it, it is only to be entered in the
    audit log, as whoever was to do that has died.
    """

    at: datetime
    policy: Policy | None = None
    faults: tuple[Fault, ...] = ()
    changes: tuple[str, ...] = ()
    started: int = 0
    again: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be entered in the audit log. changes: of the policy, one line for each key. asked:
    by the supervisor, who waits to hear that it was done."""

    faults: Sequence[Fault] = ()
    changes: Sequence[str] = ()
    started: int = 0
    asked: bool = field(default=False, compare=False)


class PolicySource:
    """Holds the current policy. A bad file never replaces a good one."""

    def __init__(self, path: Path | None, current: Policy | None = None) -> None:
        """Read the policy. path: None for the one that comes with the product.

        current: begin with this one, which was good when it was read, whatever the files hold now.
        Raises PolicyInvalid.
        """
        self._path = path or default_policy_file()
        self._seen = _look(self._path)
        self.current: Policy = current or _reader().load_policy(self._path)
        self._loaded_at = datetime.now(UTC)
        self._last: Reload | None = None
        self.reports: asyncio.Queue[Report] = asyncio.Queue()
        """What is still to be entered in the audit log."""
        self.on_entered: Callable[[], None] = _nobody

    def entered(self, report: Report) -> None:
        """It is in the audit log."""
        if report.asked:
            self.on_entered()

    def reload(self) -> Outcome:
        """Read the files again: all or nothing."""
        self._seen = _look(self._path)
        read, at = _reader(), datetime.now(UTC)
        try:
            policy = read.load_policy(self._path)
            outcome = Outcome(at, policy, changes=tuple(changes(self.current, policy)))
        except read.PolicyInvalid as invalid:
            outcome = Outcome(at, faults=invalid.faults)
        self.take(outcome)
        return outcome

    def take(self, outcome: Outcome, *, report: bool = False) -> None:
        """Go by a reload, made here or by the supervisor. report: have the audit log say so."""
        told = Report(outcome.faults, outcome.changes, outcome.started, asked=True)
        if report:
            self.reports.put_nowait(told)
        if outcome.started or outcome.again:
            return
        if outcome.policy is not None:
            self.current, self._loaded_at = outcome.policy, outcome.at
        self._last = Reload(outcome.at, tuple(map(_named, outcome.faults)))

    def state(self) -> PolicyState:
        """Return the policy in force, since when it is, and how the last reload went."""
        return PolicyState(self.current, self._loaded_at, self._last)

    def reload_and_report(self) -> Sequence[Fault]:
        """Reload, and have the audit log say so."""
        outcome = self.reload()
        self.reports.put_nowait(Report(outcome.faults, outcome.changes))
        return outcome.faults

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


def _nobody() -> None:
    """Nobody waits for it."""


def _reader() -> ModuleType:
    """Return what reads policies. The first time in a process takes 20 to 30 ms, on the loop:
    less than a full collection, once, when an operator asked for something."""
    return importlib.import_module("sidecar.policy_file")


def _named(fault: Fault) -> PolicyFault:
    """Return the fault with the file's name only: where it lies is for who has the machine."""
    return PolicyFault(Path(fault.place).name, fault.key, fault.problem)


def _look(path: Path) -> _Seen:
    """Return what tells one state of the files from another, without reading them."""
    try:
        found = [(file, file.stat()) for file in policy_files(path)]
    except OSError:
        return ()
    return tuple((str(file), stat.st_mtime_ns, stat.st_size, stat.st_ino) for file, stat in found)

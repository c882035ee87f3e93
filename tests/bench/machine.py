"""The two cores, the programs, and what the kernel says that processes took of both."""

import os
import resource
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

MB = 1_000_000
_SBIN = os.pathsep.join(("/usr/local/sbin", "/usr/sbin", "/sbin"))


class CannotMeasure(Exception):
    """Something that the comparison needs is not there or did not work. `str` is for people."""


@dataclass(frozen=True, slots=True)
class Cores:
    """proxy: for the proxy under test, alone. load: wrk, the upstream, Redis and this program."""

    proxy: int
    load: int


@dataclass(frozen=True, slots=True)
class Programs:
    nginx: str
    redis_server: str
    wrk: str


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, in bytes. rss counts shared pages whole, pss by share, uss not at all."""

    rss: int
    pss: int
    uss: int


@dataclass(frozen=True, slots=True)
class Instant:
    """What was used until now, in seconds: of each core, and by the processes of the subject."""

    proxy_busy: float
    proxy_by_processes: float
    proxy_total: float
    load_busy: float
    load_total: float
    subject: float


def choose_cores() -> Cores:
    """Return two of the cores that this process may use. Raises CannotMeasure with fewer."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < 2:
        raise CannotMeasure("the comparison needs two cores: one for the proxy, one for the load")
    return Cores(proxy=allowed[1], load=allowed[0])


def find_programs() -> Programs:
    """Return where the programs are. Raises CannotMeasure with the command that installs them."""
    found = {
        "nginx": which("nginx"),
        "redis-server": which("redis-server") or which("valkey-server"),
        "wrk": which("wrk"),
    }
    missing = [name for name, path in found.items() if path is None]
    if missing:
        raise CannotMeasure(
            f"not found: {', '.join(missing)}. On Debian and Ubuntu:\n"
            f"  apt-get install --no-install-recommends {' '.join(missing)}"
        )
    return Programs(*(str(path) for path in found.values()))


def which(name: str) -> str | None:
    """Return where a program is; nginx lives outside of the PATH of most people."""
    return shutil.which(name, path=os.environ.get("PATH", os.defpath) + os.pathsep + _SBIN)


def allow_many_connections() -> None:
    """Raise the soft limit of open files: 1,000 WebSockets are 2,000 sockets in the proxy."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 16_384 if hard == resource.RLIM_INFINITY else min(16_384, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def family(pid: int) -> list[int]:
    """Return the process and all that came of it."""
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]


def look(cores: Cores, pids: Sequence[int]) -> Instant:
    """Return what has been used until now. pids: the processes of the subject."""
    times = psutil.cpu_times(percpu=True)
    proxy, load = times[cores.proxy]._asdict(), times[cores.load]._asdict()
    used = [psutil.Process(pid).cpu_times() for pid in pids]
    return Instant(
        proxy_busy=_busy(proxy),
        proxy_by_processes=proxy["user"] + proxy["nice"] + proxy["system"],
        proxy_total=_total(proxy),
        load_busy=_busy(load),
        load_total=_total(load),
        subject=sum(one.user + one.system for one in used),
    )


def _total(times: Mapping[str, float]) -> float:
    # What a guest used is in `user` and `nice` already.
    return sum(seconds for name, seconds in times.items() if not name.startswith("guest"))


def _busy(times: Mapping[str, float]) -> float:
    return _total(times) - times["idle"] - times["iowait"]


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of the process and all its threads, to the nanosecond.

    Source: clock_getcpuclockid(3), which makes the number of that clock from the process id so.
    """
    return time.clock_gettime(~pid << 3 | 2)


def memory_of(pid: int) -> Memory:
    """Return what the process takes now."""
    info = psutil.Process(pid).memory_full_info()
    return Memory(rss=info.rss, pss=info.pss, uss=info.uss)


def description() -> dict[str, str | int]:
    """Return what a reader of the figures wants to know of the machine."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        "unknown",
    )
    system = os.uname()
    return {
        "processor": model,
        "cores": os.cpu_count() or 0,
        "kernel": f"{system.sysname} {system.release}",
    }

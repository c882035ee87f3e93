"""Who is measured: nobody in between, nginx, the plain proxy, and the sidecar, one core each."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis as redis_py

from tests.bench.children import accepts, free_port, start, until_ready
from tests.bench.machine import Cores, Programs, family
from tests.bench.nginx import start_proxy
from tests.bench.sidecar_subject import running_sidecar
from tests.bench.upstreams import Upstreams

DIRECT, NGINX, TUNED, PLAIN, SIDECAR = "direct", "nginx", "nginx_tuned", "plain", "sidecar"

TITLES = {
    DIRECT: "no proxy: wrk and upstream alone",
    NGINX: "(a) nginx proxy_pass",
    TUNED: "    nginx, large buffers",
    PLAIN: "(b) web.Server + ClientSession + GET",
    SIDECAR: "(c) sidecar",
}


@dataclass(frozen=True, slots=True)
class Subject:
    """A proxy that runs. headers: what a signed-in client sends. pids: all its processes."""

    key: str
    url: str
    pids: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stage:
    """What every subject needs to start."""

    cores: Cores
    programs: Programs
    upstreams: Upstreams
    folder: Path


def running(key: str, upstream: str, stage: Stage) -> AbstractContextManager[Subject]:
    """Start the subject in front of the upstream of that name; end it on the way out."""
    return _STARTERS[key](upstream, stage)


@contextmanager
def _direct(upstream: str, stage: Stage) -> Iterator[Subject]:
    yield Subject(DIRECT, stage.upstreams.url(upstream))


@contextmanager
def _nginx(upstream: str, stage: Stage, key: str = NGINX) -> Iterator[Subject]:
    port = free_port()
    name = f"{key}-{upstream}"
    address = stage.upstreams.url(upstream)
    program, core = stage.programs.nginx, stage.cores.proxy
    with start_proxy(name, port, address, core, program, stage.folder, key == TUNED) as child:
        yield Subject(key, f"http://127.0.0.1:{port}", tuple(family(child.pid)))


def _tuned(upstream: str, stage: Stage) -> AbstractContextManager[Subject]:
    return _nginx(upstream, stage, TUNED)


@contextmanager
def _plain(upstream: str, stage: Stage) -> Iterator[Subject]:
    port = free_port()
    redis_url = stage.upstreams.redis()
    with redis_py.Redis.from_url(redis_url) as client:
        client.set("plain:a-session-of-forty-three-characters-in-all-", "someone")
    command = [sys.executable, "-m", "tests.bench.plain_proxy"]
    command += [str(port), stage.upstreams.url(upstream), redis_url]
    with start(f"plain-{upstream}", command, stage.cores.proxy, stage.folder) as child:
        until_ready(child, lambda: accepts(port))
        yield Subject(
            PLAIN,
            f"http://127.0.0.1:{port}",
            tuple(family(child.pid)),
            {"Cookie": "session=a-session-of-forty-three-characters-in-all-"},
        )


@contextmanager
def _sidecar(upstream: str, stage: Stage) -> Iterator[Subject]:
    address, redis_url = stage.upstreams.url(upstream), stage.upstreams.redis()
    folder = stage.folder / f"sidecar-{upstream}"
    folder.mkdir()
    with running_sidecar(address, redis_url, stage.cores.proxy, folder) as sidecar:
        yield Subject(
            SIDECAR, sidecar.url, tuple(family(sidecar.pid)), {"Cookie": sidecar.sign_in()}
        )


_STARTERS: dict[str, Callable[[str, Stage], AbstractContextManager[Subject]]] = {
    DIRECT: _direct,
    NGINX: _nginx,
    TUNED: _tuned,
    PLAIN: _plain,
    SIDECAR: _sidecar,
}

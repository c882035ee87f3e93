"""What stands behind the proxies, on the load's core: pages, a sink, idle WebSockets, Redis."""

import sys
from pathlib import Path

import redis as redis_py

from tests.bench.children import Child, accepts, free_port, start, until_ready
from tests.bench.machine import Cores, Programs
from tests.bench.nginx import start_pages


class Upstreams:
    """Starts each upstream on demand, at most once. `with` around it ends them all."""

    def __init__(self, cores: Cores, programs: Programs, folder: Path) -> None:
        self._cores = cores
        self._programs = programs
        self._folder = folder
        self._ports: dict[str, int] = {}
        self._children: list[Child] = []

    def stop(self) -> None:
        """End what was started, the last first."""
        while self._children:
            self._children.pop().stop()

    def url(self, name: str) -> str:
        """Return the address of `pages`, `sink` or `sockets`; start it if it does not run yet."""
        if name not in self._ports:
            self._ports[name] = self._start(name)
        return f"http://127.0.0.1:{self._ports[name]}"

    def _start(self, name: str) -> int:
        port = free_port()
        if name == "pages":
            child = start_pages(port, self._cores.load, self._programs.nginx, self._folder)
        else:
            module = {"sink": "upload_sink", "sockets": "idle_sockets"}[name]
            command = [sys.executable, "-m", f"tests.bench.{module}", str(port)]
            child = start(name, command, self._cores.load, self._folder)
        self._children.append(child)
        until_ready(child, lambda: accepts(port))
        return port

    def redis(self) -> str:
        """Return the `unix://` URL of a redis-server of our own; start it first if need be.

        A Unix socket, as the embedded Redis of the product has; nothing is written to disk, so
        that the disk is no part of the comparison.
        """
        path = self._folder / "redis.sock"
        url = f"unix://{path}"
        if "redis" not in self._ports:
            command = [self._programs.redis_server, "--port", "0", "--unixsocket", str(path)]
            command += ["--dir", str(self._folder), "--save", "", "--appendonly", "no"]
            child = start("redis", command, self._cores.load, self._folder)
            self._children.append(child)
            until_ready(child, lambda: _answers(url))
            self._ports["redis"] = 0
        return url


def _answers(url: str) -> bool:
    with redis_py.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis_py.RedisError:
            return False

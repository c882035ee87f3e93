"""A redis-server of our own, for a machine that has no other: users and sessions outlive restarts.

It is a child process on a Unix socket that only we may open, without a TCP port, with its data in
`<state_dir>/redis/`. The append-only file is synced before each write is acknowledged: whoever was
told that a session is revoked must not find it alive after a power cut. Writes are rare here
(changes, and activity in batches ten times a second at most), reads are not slowed down.

One process holds the server, by a lock on a file that the system gives back when the process dies.
Others (commands beside `sidecar run`) use the server that is held; a command that finds none holds
one while it runs.
"""

import logging
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import BusyLoadingError, RedisError
from redis.retry import Retry

from sidecar.store.file_lock import FileLock
from sidecar.store.redis_program import RedisProgram, find_program

log = logging.getLogger(__name__)

_LONGEST_SOCKET_PATH = 107
_PRIVATE = "sidecar-"
_START_TIME = 15.0
_LOAD_TIME = 600.0
_STOP_TIME = 30.0
_TURN_TIME = 10.0
_PAUSE = 0.02


class EmbeddedRedisFailed(Exception):
    """There can be no server of our own here. One line for people."""


class EmbeddedRedis:
    """The server that this process holds. Not for use inside an event loop: it waits."""

    def __init__(self, state_dir: Path) -> None:
        self._folder = state_dir / "redis"
        self._lock = FileLock(self._folder / "lock")
        self._users = FileLock(self._folder / "users")
        self._socket = Path()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """The server's process, None when it does not run."""
        process = self._process
        return process.pid if process is not None and process.poll() is None else None

    def start(self, *, briefly: bool = False) -> str:
        """Start the server and return its URL. Raises EmbeddedRedisFailed.

        briefly: for one command, which waits for no other holder. Else a holder that is done soon,
        because it is a command or is ending, is waited for; one that stays refuses us at once.
        """
        with _folder_failures(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            self._folder.chmod(0o700)
            if not self._lock.take(0 if briefly else _TURN_TIME, for_long=not briefly):
                raise EmbeddedRedisFailed(
                    f"{self._folder.parent} is in use by another sidecar (process "
                    f"{self._lock.holder or 'unknown'})"
                )
        try:
            with _folder_failures(self._folder):
                self._launch()
        except BaseException:
            self._lock.give_back()
            raise
        return self.url

    def restart(self) -> None:
        """Start a server that died again, at the same address. Raises EmbeddedRedisFailed."""
        if self.pid is None:
            log.error("embedded_redis_died")
            with _folder_failures(self._folder):
                self._launch()

    def stop(self) -> None:
        """Stop the server, once commands that use it are done, and let others hold it."""
        process, self._process = self._process, None
        if process is None:
            return
        self._lock.leave_soon()
        self._users.take(_TURN_TIME)
        process.terminate()
        try:
            process.wait(_STOP_TIME)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _forget_private_folder(self._socket)
        self._socket = Path()
        self._users.give_back()
        self._lock.give_back()

    def _launch(self) -> None:
        program = find_program()
        if program is None:
            raise EmbeddedRedisFailed(
                "no redis-server on this machine: install redis-server or valkey-server (6.2 or "
                "later), or set redis.url"
            )
        if program.version[0] < 7 and (self._folder / "appendonlydir").exists():
            raise EmbeddedRedisFailed(
                f"the data in {self._folder} was written by Redis 7 or later, and here is only "
                f"{program.shown_version}: install redis-server"
            )
        self._end_orphan()
        if not self._socket.name:  # a server that is restarted keeps its address
            self._socket = _socket_in(self._folder)
        (self._folder / "socket").write_text(f"{self._socket}\n")
        self._process = subprocess.Popen(
            [program.path, *_options(self._folder, self._socket)],
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            # Ctrl-C reaches a whole group of processes; the server must be there until we are done.
            start_new_session=True,
        )
        self._wait_until_ready(self._process, program)
        log.info(
            "embedded_redis_started",
            extra={"version": program.shown_version, "bundled": program.bundled},
        )

    def _wait_until_ready(self, process: subprocess.Popen[bytes], program: RedisProgram) -> None:
        begun = time.monotonic()
        limit = _START_TIME
        while time.monotonic() - begun < limit:
            if process.poll() is not None:
                raise EmbeddedRedisFailed(
                    f"redis-server {program.shown_version} ended at once: {self._last_words()}"
                )
            try:
                if _answers(self._socket):
                    return
            except BusyLoadingError:
                limit = _LOAD_TIME
            time.sleep(_PAUSE)
        process.kill()
        process.wait()
        raise EmbeddedRedisFailed(f"redis-server did not become ready: {self._last_words()}")

    def _end_orphan(self) -> None:
        """End a server whose holder was killed: two of them would spoil the data."""
        socket_path = recorded_socket(self._folder)
        if socket_path is None:
            return
        with suppress(RedisError, OSError), _client(socket_path) as client:
            client.shutdown(nosave=True)
        begun = time.monotonic()
        while _is_up(socket_path):
            if time.monotonic() - begun > _STOP_TIME:
                raise EmbeddedRedisFailed("a redis-server from before does not end: end it")
            time.sleep(_PAUSE)
        if socket_path != self._socket:
            _forget_private_folder(socket_path)

    def _last_words(self) -> str:
        with suppress(OSError):
            lines = (self._folder / "redis.log").read_text("utf-8", "replace").splitlines()
            said = [line.partition(" # ")[2] for line in lines[-20:] if " # " in line]
            if said:
                return said[-1]
        return "it said nothing"


@contextmanager
def connect_or_start(state_dir: Path) -> Iterator[str]:
    """Yield the URL of the server of a state folder: the one that is held, else one for as long as
    the block runs. Raises EmbeddedRedisFailed."""
    folder = state_dir / "redis"
    users = FileLock(folder / "users")
    begun = time.monotonic()
    while time.monotonic() - begun < _START_TIME:
        if FileLock(folder / "lock").is_taken() and users.share():
            socket_path = recorded_socket(folder)
            if socket_path is not None and _is_up(socket_path):
                try:
                    yield f"unix://{socket_path}"
                finally:
                    users.give_back()
                return
            users.give_back()
            time.sleep(_PAUSE)
            continue
        server = EmbeddedRedis(state_dir)
        try:
            url = server.start(briefly=True)
        except EmbeddedRedisFailed:
            if not FileLock(folder / "lock").is_taken():
                raise
            continue  # another process was first
        try:
            yield url
        finally:
            server.stop()
        return
    raise EmbeddedRedisFailed(f"the redis-server of {state_dir} does not answer")


def recorded_socket(folder: Path) -> Path | None:
    """Return where the last server of a folder listened."""
    try:
        return Path((folder / "socket").read_text().strip())
    except OSError:
        return None


def _socket_in(folder: Path) -> Path:
    """Return where to listen: in the folder, or in a private one if that path is too long."""
    usual = folder.absolute() / "redis.sock"
    if len(os.fsencode(usual)) <= _LONGEST_SOCKET_PATH:
        return usual
    return Path(tempfile.mkdtemp(prefix=_PRIVATE)) / "redis.sock"


def _forget_private_folder(socket_path: Path) -> None:
    if socket_path.parent.name.startswith(_PRIVATE):
        with suppress(OSError):
            socket_path.unlink(missing_ok=True)
            socket_path.parent.rmdir()


def _options(folder: Path, socket_path: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "600",
        "dir": str(folder.absolute()),
        "logfile": str(folder.absolute() / "redis.log"),
        "loglevel": "warning",
        "databases": "1",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    return [word for name, value in options.items() for word in (f"--{name}", value)]


def _client(socket_path: Path) -> Redis:
    return Redis(unix_socket_path=str(socket_path), socket_timeout=2.0, retry=Retry(NoBackoff(), 0))


def _is_up(socket_path: Path) -> bool:
    """Say whether something listens there, ready or still loading."""
    try:
        return _answers(socket_path)
    except BusyLoadingError:
        return True


def _answers(socket_path: Path) -> bool:
    try:
        with _client(socket_path) as client:
            return bool(client.ping())
    except BusyLoadingError:
        raise
    except (RedisError, OSError):
        return False


@contextmanager
def _folder_failures(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = (error.strerror or "not usable").lower()
        raise EmbeddedRedisFailed(f"cannot use the folder {folder}: {reason}") from error

"""What `make run` does: the sidecar with everything it needs, in front of an application.

UPSTREAM is the application (without it, the Acme Wiki beside this file is started), PORT where to
listen. Users and sessions stay in `var/`, so the owner is made on the first start only.

The children live in process groups of their own: Ctrl-C in a terminal goes to everybody, and they
should end in order, the sidecar first. Each ends by itself should this process be killed.
"""

import argparse
import ctypes
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

from sidecar.core.address import Address, TcpAddress, UnixAddress, read_upstream

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("sidecar.toml")
SIDECAR = [sys.executable, "-m", "sidecar"]
OPS_PORT = 9090
READY_SECONDS = 60
END_SECONDS = 20
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
PR_SET_PDEATHSIG = 1


class CannotStart(Exception):
    """The one line that people get. code: 2 for what was asked, 1 for what was found."""

    def __init__(self, line: str, code: int = 1) -> None:
        super().__init__(line)
        self.code = code


class Stopped(Exception):
    """SIGINT, SIGTERM or SIGHUP asked us to end."""


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    end_with_parent()  # `make`
    try:
        with ExitStack() as children:
            return run(children)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return error.code
    except Stopped:
        return 0


def run(children: ExitStack) -> int:
    """Start everything; return the sidecar's exit code should it end by itself."""
    arguments = read_arguments()
    port = read_port(arguments.port)
    upstream = read_url(arguments.upstream)
    state = prepare_state(Path(arguments.state))
    check_free(port)

    environ = {"SIDECAR_OPS__LISTEN": f"127.0.0.1:{ops_port(port)}"} | os.environ
    environ["SIDECAR_STATE_DIR"] = str(state)
    password = add_owner(environ)
    if password:
        print(f"Sign in as owner with password {password}", flush=True)

    upstream = upstream or children.enter_context(wiki())
    command = [*SIDECAR, "run", "--config", str(CONFIG)]
    command += ["--upstream", upstream, "--listen", f"127.0.0.1:{port}"]
    sidecar = children.enter_context(child(command, environ))
    if wait_for(TcpAddress("127.0.0.1", port), sidecar):
        print(f"Open http://localhost:{port}/", flush=True)
    code = sidecar.wait()
    return code if code >= 0 else 1


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--upstream", default=os.environ.get("UPSTREAM", ""))
    parser.add_argument("--port", default=os.environ.get("PORT") or "8080")
    parser.add_argument("--state", default=str(ROOT / "var"))
    return parser.parse_args()


def read_port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < int(text) < 65536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {text!r}.", 2)
    return int(text)


def read_url(text: str) -> str:
    """Return UPSTREAM as it is, or "" if there is none. Raises CannotStart if it is no URL."""
    try:
        return str(read_upstream(text)) if text else ""
    except ValueError as error:
        raise CannotStart(f"UPSTREAM {error}.", 2) from None


def prepare_state(folder: Path) -> Path:
    """Make the folder if need be, and write to it, the only sure way to know that one can."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return folder.resolve()
    except OSError as error:
        why = (error.strerror or "unknown reason").lower()
        raise CannotStart(f"The state folder {folder} is not writable: {why}.") from None


def check_free(port: int) -> None:
    try:
        bind(port)
    except OSError as error:
        if isinstance(error, PermissionError):
            raise CannotStart(f"Port {port} is not ours to use: choose one above 1023.") from None
        line = f"Port {port} is in use: stop what listens there, or choose another: make run PORT="
        raise CannotStart(line + str(port + 1 if port < 65535 else 8081)) from None


def ops_port(port: int) -> int:
    """Return the usual port of metrics and health, or any free one where it is taken."""
    with suppress(OSError):
        if port != OPS_PORT:
            return bind(OPS_PORT)
    return bind(0)


def bind(port: int) -> int:
    """Listen for a moment, and return where. Raises OSError if the port cannot be had."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        return int(listener.getsockname()[1])


def add_owner(environ: dict[str, str]) -> str:
    """Return the password of the owner who was added, or "" if there was one."""
    words = ["users", "list", "--json", "--limit", "1000000"]
    users = json.loads(sidecar_command(words, environ))["items"]
    if any(user["role"] == "owner" for user in users):
        return ""
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(5))
    words = ["users", "add", "owner", "--role", "owner", "--password-stdin"]
    sidecar_command(words, environ, password)
    return password


def sidecar_command(words: list[str], environ: dict[str, str], text: str = "") -> str:
    """Return what the command printed. Raises CannotStart with its own words if it failed."""
    done = subprocess.run(
        [*SIDECAR, *words, "--config", str(CONFIG)],
        input=text,
        env=environ,
        cwd=ROOT,
        text=True,
        capture_output=True,
        process_group=0,
        check=False,
    )
    if done.returncode:
        raise CannotStart(done.stderr.strip() or f"sidecar {words[0]} {words[1]} failed.")
    return done.stdout


@contextmanager
def wiki() -> Iterator[str]:
    """Run the bundled application; give its address."""
    folder = tempfile.mkdtemp(prefix="wiki-")
    address = UnixAddress(f"{folder}/wiki.sock")
    program = str(Path(__file__).with_name("legacy_app.py"))
    try:
        with child([sys.executable, program, str(address)], dict(os.environ)) as process:
            if not wait_for(address, process):
                raise CannotStart("The bundled application did not start; its words are above.")
            yield str(address)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def child(command: list[str], environ: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a child; when the block ends it is asked to end, and waited for."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        env=environ,
        cwd=ROOT,
        process_group=0,
        preexec_fn=end_with_parent,
    )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_for(address: Address, process: subprocess.Popen[bytes]) -> bool:
    """Wait until somebody listens there; False if the process ended or took too long."""
    family = socket.AF_UNIX if isinstance(address, UnixAddress) else socket.AF_INET
    place = address.path if isinstance(address, UnixAddress) else (address.host, address.port)
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket(family, socket.SOCK_STREAM) as probe, suppress(OSError):
            probe.connect(place)
            return True
        time.sleep(0.05)
    return False


def end_with_parent() -> None:
    """Ask the kernel for a SIGTERM when whoever started this process is gone (Linux only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _stop(_number: int, _frame: FrameType | None) -> None:
    # `make` passes a signal on that the terminal has already sent: the first one is enough, and a
    # second would cut short the orderly end of the sidecar.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


if __name__ == "__main__":
    sys.exit(main())

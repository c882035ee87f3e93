"""`make run`: one command, a sign-in in front of an application, and all still there later."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession, web
from aiohttp.test_utils import RawTestServer

from tests.journeys.secrecy import note_cookie, note_password, secrets_in
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "deploy.demo.run"]
PASSWORD = re.compile(r"^Sign in as owner with password (\S{16,})$", re.MULTILINE)

Trial = tuple[subprocess.Popen[str], str]
"""The process, and what it had printed when it said where to look."""


@pytest.fixture
def port() -> int:
    return free_port()


@contextmanager
def trial(port: int, state: Path, *words: str) -> Iterator[Trial]:
    """Start it as a terminal would, in a process group of its own, and wait for its address."""
    command = [*COMMAND, "--port", str(port), "--state", str(state), *words]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        # Whatever else runs on this machine may have the usual port of metrics.
        env=os.environ | {"SIDECAR_OPS__LISTEN": f"127.0.0.1:{free_port()}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    printed = ""
    try:
        while f"Open http://localhost:{port}/\n" not in printed:
            line = process.stdout.readline()
            assert line, f"it ended by itself: {printed}"
            printed += line
        yield process, printed
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)
            process.communicate()


def refused(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *words],
        cwd=ROOT,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


async def sign_in(http: ClientSession, port: int, password: str) -> str:
    """Return the cookie's value as the browser would send it back."""
    async with http.post(
        f"http://127.0.0.1:{port}/_sidecar/login",
        json={"username": "owner", "password": password},
        headers={"Origin": f"http://localhost:{port}"},
    ) as response:
        assert response.status == 200
        cookies: SimpleCookie = response.cookies
        return f"sidecar={cookies['sidecar'].value}"


async def get(http: ClientSession, port: int, cookie: str = "") -> tuple[ClientResponse, str]:
    async with http.get(f"http://127.0.0.1:{port}/", headers={"Cookie": cookie}) as response:
        return response, await response.text()


async def test_given_a_fresh_folder_when_it_is_tried_twice_then_owner_and_session_outlive_the_stop(
    port: int, tmp_path: Path
):
    state = tmp_path / "var"
    async with ClientSession() as http:
        with trial(port, state) as (process, printed):
            found = PASSWORD.findall(printed)
            refusal, _ = await get(http, port)
            cookie = await sign_in(http, port, found[0])
            _, page = await get(http, port, cookie)
            os.killpg(process.pid, signal.SIGINT)
            rest, _ = process.communicate()
        with trial(port, state) as (_, printed_later):
            _, page_later = await get(http, port, cookie)

    assert len(found) == 1
    assert refusal.status == 401
    assert "Hello, <strong>owner</strong>" in page
    assert (process.returncode, "Traceback" in rest) == (0, False)
    note_password(found[0])
    note_cookie(cookie.partition("=")[2])
    assert secrets_in(printed) == [found[0]]  # said once, to whoever sits there
    assert not secrets_in(rest + printed_later)
    assert not PASSWORD.findall(printed_later)
    assert "Hello, <strong>owner</strong>" in page_later


async def test_given_an_application_of_ones_own_when_it_is_tried_then_that_is_behind_the_sign_in(
    port: int, tmp_path: Path, aiohttp_raw_server: Callable[..., Awaitable[RawTestServer]]
):
    async def mine(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="my own application")

    upstream = await aiohttp_raw_server(mine)
    words = ("--upstream", f"http://127.0.0.1:{upstream.port}")

    async with ClientSession() as http:
        with trial(port, tmp_path / "var", *words) as (_, printed):
            cookie = await sign_in(http, port, PASSWORD.findall(printed)[0])
            _, page = await get(http, port, cookie)

    assert page == "my own application"


def test_given_a_port_in_use_when_it_is_tried_then_one_line_names_another(tmp_path: Path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        done = refused("--port", str(port), "--state", str(tmp_path))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"Port {port} is in use" in done.stderr


@pytest.mark.parametrize("text", ["localhost:3000", "http://", "ftp://localhost", "http://a/b?c"])
def test_given_an_upstream_that_is_no_url_when_it_is_tried_then_one_line_says_what_is(
    port: int, tmp_path: Path, text: str
):
    done = refused("--port", str(port), "--state", str(tmp_path), UPSTREAM=text)

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert 'UPSTREAM must be "http://host:port"' in done.stderr


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
def test_given_a_port_that_is_none_when_it_is_tried_then_one_line_says_what_is(
    tmp_path: Path, text: str
):
    done = refused("--state", str(tmp_path), PORT=text)

    assert (done.returncode, done.stderr) == (
        2,
        f"PORT must be a number from 1 to 65535, not {text!r}.\n",
    )


def test_given_a_state_folder_that_cannot_be_written_when_it_is_tried_then_one_line_says_so(
    port: int, tmp_path: Path
):
    state = tmp_path / "var"
    state.write_text("a file stands where the folder should be", encoding="utf-8")

    done = refused("--port", str(port), "--state", str(state))

    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert f"The state folder {state} is not writable" in done.stderr

"""Software that acts for a person, with the whole product: the sample of the README as it is
written there, and what it has open when it ends."""

import asyncio
import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import MOUNT, Product
from tests.journeys.secrecy import note_cookie
from tests.journeys.talk import Talk

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
PASSWORD = "a long and unusual passphrase"
PATIENCE = 10.0


@pytest.fixture(scope="module")
def talk() -> Iterator[Talk]:
    talk = Talk()
    yield talk
    talk.stop()


@pytest.fixture(scope="module")
def product(talk: Talk) -> Iterator[Product]:
    product = Product(talk.port, public="http://localhost:{port}")
    product.start()
    product.add_user("maria", PASSWORD)
    product.add_user("owner", PASSWORD, "owner")
    yield product
    product.remove()


def delegate(product: Product, cookie: str, scopes: list[str]) -> Any:
    body = {"name": "bot", "scopes": scopes}
    status, told, _ = product.call("POST", f"{MOUNT}/api/agents", body, cookie)
    assert status == 201, told
    note_cookie(told["token"].removeprefix("sst_"))
    return told


def dial(product: Product, token: str) -> Any:
    return connect(
        f"ws://localhost:{product.port}/chat",
        additional_headers={"Authorization": f"Bearer {token}"},
        proxy=None,
    )


async def is_cut(line: ClientConnection) -> None:
    async def hear() -> None:
        async for _ in line:
            pass

    with suppress(ConnectionClosed):
        await asyncio.wait_for(hear(), PATIENCE)


@pytest.mark.parametrize("ends", ["disabled", "signed out", "banned"])
async def test_given_a_websocket_of_an_agent_when_it_ends_with_whatever_then_it_is_cut(
    product: Product, ends: str
) -> None:
    cookie = product.session_of("maria", PASSWORD)
    owner = product.session_of("owner", PASSWORD)
    told = delegate(product, cookie, ["GET /chat"])
    session, token = told["agent"], told["token"]

    async with dial(product, token) as line:
        await line.send("hello")
        assert await line.recv() == "hello"
        if ends == "disabled":
            product.call("DELETE", f"{MOUNT}/api/agents/{session['id']}", None, cookie)
        elif ends == "signed out":
            product.call("POST", f"{MOUNT}/logout", None, cookie)
        else:
            person = f"{MOUNT}/api/admin/users/{session['user']['id']}"
            product.call("POST", f"{person}/ban", {"reason": "a test"}, owner)
            product.call("POST", f"{person}/unban", None, owner)
        await is_cut(line)

    status, answer, fields = product.call("GET", "/chat", Authorization=f"Bearer {token}")
    assert (status, answer["code"]) == (401, "session_revoked")
    assert fields["WWW-Authenticate"] == "Session"


async def test_given_a_websocket_beyond_its_scopes_when_an_agent_dials_then_it_is_refused(
    product: Product,
) -> None:
    cookie = product.session_of("maria", PASSWORD)
    told = delegate(product, cookie, ["POST /chat", "* /elsewhere/**"])

    status, answer, _ = product.call("GET", "/chat", Authorization=f"Bearer {told['token']}")

    assert (status, answer["code"]) == (403, "forbidden")


def test_given_the_sample_of_the_readme_when_it_is_run_then_it_answers_what_is_written_there(
    tmp_path: Path,
) -> None:
    (sample,) = [
        one for one in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "as_bot" in one
    ]
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, public="http://localhost:{port}")
    try:
        product.start()
        product.add_user("owner", PASSWORD, "owner")
        sample = sample.replace("http://localhost:8080", product.public).replace("…", PASSWORD)
        assert sample.count(PASSWORD) == 1

        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", sample],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=60,
        )

        assert done.returncode == 0, done.stderr
        signed_in, *rest = [line for line in done.stdout.splitlines() if line.strip()]
        opened, beyond, kept_out, listed, revoked, over = rest
        assert json.loads(signed_in)["session"]["kind"] == "browser"
        assert opened == "200"
        assert [json.loads(line)["code"] for line in (beyond, kept_out, over)] == [
            *("forbidden", "forbidden"),
            "session_revoked",
        ]
        (agent,) = json.loads(listed)["items"]
        assert (agent["name"], agent["scopes"]) == ("release bot", ["GET /notes"])
        assert json.loads(revoked) == {"revoked": 1}
        (seen,) = upstream.requests("/notes")
        assert seen.all("x-forwarded-user") == [b"owner"]
        assert seen.all("x-forwarded-actor") == [b"release bot"]
        assert seen.all("authorization") == []
        assert list(tmp_path.iterdir()) == []
    finally:
        product.remove()
        upstream.stop()

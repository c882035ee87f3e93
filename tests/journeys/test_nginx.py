"""Forward auth with a real nginx, on the configuration that `deploy/nginx/` ships."""

import asyncio
import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.journeys.raw import Answer, RecordingUpstream, connect, lay_out
from tests.journeys.running import COOKIE, MOUNT, PUBLIC, Product, cookie
from tests.ports import free_port

SHIPPED = Path(__file__).parents[2] / "deploy" / "nginx" / "sidecar.conf"
PASSWORD = "a long and unusual passphrase"
POLICY = '[[routes]]\npath = "/public/**"\nallow = "anyone"\n'
FRAME = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/sidecar.conf;
}}
"""


@dataclass(frozen=True)
class Site:
    """nginx in front of the application, and the sidecar that it asks."""

    port: int
    product: Product
    upstream: RecordingUpstream

    async def ask(self, path: str, *fields: tuple[str, str], method: str = "GET") -> Answer:
        wire = await connect(self.port)
        try:
            await wire.send(lay_out(path, *fields, method=method))
            return await wire.answer(method)
        finally:
            wire.close()

    async def sign_in(self) -> str:
        body = json.dumps({"username": "alice", "password": PASSWORD}).encode()
        wire = await connect(self.port)
        try:
            fields = [
                ("Origin", PUBLIC),
                ("Content-Type", "application/json"),
                ("Content-Length", str(len(body))),
            ]
            await wire.send(lay_out(f"{MOUNT}/login", *fields, method="POST", body=body))
            answer = await wire.answer()
        finally:
            wire.close()
        assert answer.status == 200, answer
        line = next(line for line in answer.all("set-cookie") if line.startswith(COOKIE.encode()))
        return line.partition(b"=")[2].partition(b";")[0].decode()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    upstream = RecordingUpstream()
    upstream.start()
    product = Product(upstream, 'trusted_proxies = ["127.0.0.1/32"]', POLICY)
    product.start()
    product.add_user("alice", PASSWORD)
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    shipped = SHIPPED.read_text()
    for there, here in (
        ("server 127.0.0.1:8080;", f"server 127.0.0.1:{product.port};"),
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{upstream.port};"),
        ("listen 80;", f"listen 127.0.0.1:{port};"),
    ):
        assert shipped.count(there) == 1
        shipped = shipped.replace(there, here)
    (folder / "sidecar.conf").write_text(shipped)
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder))
    nginx = subprocess.Popen([shutil.which("nginx") or "nginx", "-c", str(folder / "nginx.conf")])
    try:
        wait_for(port)
        yield Site(port, product, upstream)
    finally:
        nginx.terminate()
        nginx.wait(10)
        product.stop()
        upstream.stop()


def wait_for(port: int) -> None:
    async def open_once() -> None:
        (await connect(port)).close()

    for _ in range(200):
        try:
            asyncio.run(open_once())
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx did not start")


async def test_given_nobody_when_a_program_asks_then_it_gets_the_problem_and_the_challenge(
    site: Site,
) -> None:
    answer = await site.ask("/private/1")

    assert answer.status == 401
    assert answer.get("www-authenticate") == b"Session"
    assert json.loads(answer.body)["code"] == "session_missing"
    assert site.upstream.requests("/private/1") == []


async def test_given_nobody_when_a_browser_goes_to_a_page_then_it_is_sent_to_sign_in(
    site: Site,
) -> None:
    answer = await site.ask("/private/2?x=1", ("Accept", "text/html"))

    assert answer.status == 401
    assert b"/_sidecar/login?return_to=/private/2" in answer.body


async def test_given_a_public_route_then_it_needs_nobody(site: Site) -> None:
    assert (await site.ask("/public/page")).status == 200


async def test_given_a_person_then_the_application_learns_who_and_sees_no_cookie_of_ours(
    site: Site,
) -> None:
    token = await site.sign_in()

    answer = await site.ask("/private/3", ("Cookie", f"a=1; {COOKIE}={token}; b=2"))

    assert answer.status == 200
    [seen] = site.upstream.requests("/private/3")
    assert seen.get("x-forwarded-user") == b"alice"
    assert seen.get("x-sidecar-assertion")
    assert seen.get("cookie") == b"a=1; b=2"


@pytest.mark.parametrize(
    "field",
    [
        ("X-Original-URI", "/public/page"),
        ("X-Forwarded-Uri", "/public/page"),
        ("X-Forwarded-Method", "OPTIONS"),
        ("X-Forwarded-Host", "elsewhere.example"),
        ("X-Forwarded-User", "root"),
    ],
)
async def test_s06_given_a_client_that_names_another_request_then_nothing_is_believed(
    site: Site, field: tuple[str, str]
) -> None:
    answer = await site.ask("/private/4", field)

    assert answer.status == 401
    assert site.upstream.requests("/private/4") == []


async def test_s01_given_a_person_who_claims_to_be_root_then_the_application_hears_alice(
    site: Site,
) -> None:
    token = await site.sign_in()

    await site.ask("/private/5", cookie(token), ("X-Forwarded-User", "root"))

    [seen] = site.upstream.requests("/private/5")
    assert seen.all("x-forwarded-user") == [b"alice"]


async def test_given_software_that_acts_for_a_person_then_the_application_hears_both_and_no_token(
    site: Site,
) -> None:
    person = "=".join(cookie(await site.sign_in())[1:])
    body = {"name": "bot", "scopes": ["GET /private/*"]}
    status, told, _ = site.product.call("POST", f"{MOUNT}/api/agents", body, Cookie=person)
    assert status == 201
    claimed = ("X-Forwarded-Actor", "root")
    bearer = ("Authorization", f"Bearer   {told['token']}")

    beyond = await site.ask("/elsewhere/6", bearer, claimed)
    await site.ask("/private/6", bearer, claimed)
    await site.ask("/public/6", ("Authorization", "Basic YTpi"), claimed)

    assert beyond.status == 403
    [seen] = site.upstream.requests("/private/6")
    assert (seen.all("x-forwarded-user"), seen.all("x-forwarded-actor")) == ([b"alice"], [b"bot"])
    assert seen.all("authorization") == []
    [public] = site.upstream.requests("/public/6")
    assert public.all("authorization") == [b"Basic YTpi"]
    assert public.all("x-forwarded-actor") == []


@pytest.mark.parametrize(
    "name", ["Forwarded", "X-Real-IP", "X-Forwarded-Port", "X-Original-URI", "Remote-User"]
)
async def test_s07_given_what_only_a_proxy_may_say_then_the_application_does_not_hear_it(
    site: Site, name: str
) -> None:
    token = await site.sign_in()

    await site.ask(f"/private/claims-{name}", cookie(token), (name, "192.0.2.66"))

    [seen] = site.upstream.requests(f"/private/claims-{name}")
    assert seen.all(name) == []


async def test_s17_given_a_path_that_hides_a_separator_then_the_refusal_is_the_sidecars(
    site: Site,
) -> None:
    token = await site.sign_in()

    answer = await site.ask("/private%2fhidden", cookie(token))

    assert answer.status == 400
    assert json.loads(answer.body)["code"] == "target_hides_a_separator"
    assert site.upstream.requests("hidden") == []


async def test_given_a_revoked_session_then_the_next_request_says_so(site: Site) -> None:
    token = await site.sign_in()
    assert (await site.ask("/private/6", cookie(token))).status == 200

    done = site.product.command("sessions", "revoke", "--user", "alice")

    assert done.returncode == 0, done.stderr
    answer = await site.ask("/private/7", cookie(token))
    assert answer.status == 401
    assert json.loads(answer.body)["code"] == "session_revoked"
    assert site.upstream.requests("/private/7") == []


async def test_given_the_question_itself_then_no_client_may_ask_it(site: Site) -> None:
    answer = await site.ask(f"{MOUNT}/auth", ("X-Original-URI", "/public/page"))
    appended = await site.ask(f"{MOUNT}/auth/public/page")

    assert (answer.status, appended.status) == (404, 404)

"""Every page that the server renders, each reached as people reach it."""

import re
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType

from playwright.async_api import Page

from tests.journeys.raw import RecordingUpstream
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, Product

PASSWORD = "a long and unusual passphrase"
LONG_PATH = (
    "/projects/" + "an-uncommonly-long-name-without-a-gap" * 5 + "/notes?view=all&sort=newest"
)
_POLICY = """
[lockout]
per_ip = 10000

[[routes]]
path = "/office/**"
allow = { roles = ["admin"] }

[[routes]]
path = "/slow"
allow = "anyone"
timeout = "200ms"

[[routes]]
path = "/broken"
allow = "anyone"

[[routes]]
path = "/open"
allow = "anyone"
"""
_PROGRAMS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) Version/18.5 Mobile Safari/604.1",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0",
    "Mozilla/5.0 (Linux; Android 15; Pixel 9 Pro XL) Chrome/138.0.0.0 Mobile Safari/537.36",
    "an-uncommonly-long-program-name-of-somebody-who-likes-them-long/2026.11.21+build.4711",
)
_CAP = 10


class Gallery:
    """One product, the store and the application behind it, and people in every condition:
    maria has all the sessions that one may have, noor has none, ines is banned, lena is locked and
    olga must change her password."""

    def __init__(self) -> None:
        self.upstream = RecordingUpstream()
        self.store = RedisServer()
        self.upstream.start()
        self.store.start()
        public = "http://localhost:{port}"
        self.product = Product(
            self.upstream, policy=_POLICY, tables=self.store.hasty_settings, public=public
        )

    def start(self) -> None:
        self.upstream.plan("/broken", b"this is not HTTP\r\n\r\n", close=True)
        self.upstream.plan("/slow", b"")
        self.product.start()
        for name in ("maria", "noor", "ines", "lena"):
            self.product.add_user(name, PASSWORD)
        self.product.add_user("olga", PASSWORD, must_change=True)
        assert self.product.command("users", "ban", "ines").returncode == 0

    async def fill(self) -> None:
        """Sign maria in everywhere, and lock lena out."""
        for number in range(_CAP):
            program = _PROGRAMS[number % len(_PROGRAMS)]
            answer = await self.product.attempt("maria", PASSWORD, User_Agent=program)
            assert answer.status == 200, answer
        for _ in range(10):
            await self.product.attempt("lena", "not the passphrase")

    def remove(self) -> None:
        self.product.remove()
        self.store.remove()
        self.upstream.stop()

    def address(self, path: str) -> str:
        return self.product.public + path

    async def attempt(self, page: Page, username: str, password: str, back: str = "/") -> None:
        """Fill in the form and send it, as a person does."""
        await page.goto(self.address(f"{MOUNT}/login?return_to={back}"))
        await page.fill("#username", username)
        await page.fill("#password", password)
        async with page.expect_navigation():
            await page.click("[type=submit]")

    async def without_store(self, act: Callable[[], Awaitable[object]]) -> None:
        self.store.freeze()
        try:
            await act()
        finally:
            self.store.thaw()


Scene = Callable[[Gallery, Page], Awaitable[object]]


def _goes_to(path: str) -> Scene:
    return lambda gallery, page: page.goto(gallery.address(path))


def _tries(username: str, password: str) -> Scene:
    return lambda gallery, page: gallery.attempt(page, username, password, "/projects/atlas")


def _signed_in_at(path: str) -> Scene:
    async def scene(gallery: Gallery, page: Page) -> None:
        await gallery.attempt(page, "noor", PASSWORD)
        await page.goto(gallery.address(path))

    return scene


async def _languages(gallery: Gallery, page: Page) -> None:
    await page.goto(gallery.address(f"{MOUNT}/login"))
    await page.click("summary")


async def _needed(gallery: Gallery, page: Page) -> None:
    """The page of a 401 goes on at once, so what it goes to has to stay away."""
    await page.route(re.compile("/login"), lambda route: route.fulfill(status=204))
    await page.goto(gallery.address(LONG_PATH), wait_until="commit")
    await page.wait_for_selector("a[data-onward]")


async def _sends(page: Page, address: str) -> None:
    """Send a form to an address, from the page that is open."""
    async with page.expect_navigation():
        await page.evaluate(
            "address => { const form = document.createElement('form'); form.method = 'post';"
            " form.action = address; document.body.append(form); form.submit(); }",
            address,
        )


async def _from_another_site(gallery: Gallery, page: Page) -> None:
    await page.goto(f"http://127.0.0.1:{gallery.upstream.port}/")
    await _sends(page, gallery.address(f"{MOUNT}/logout"))


async def _sent_in_vain(gallery: Gallery, page: Page) -> None:
    await page.goto(gallery.address("/open"))
    await _sends(page, gallery.address("/broken"))


async def _store_down(gallery: Gallery, page: Page) -> None:
    await gallery.attempt(page, "noor", PASSWORD)
    await gallery.without_store(lambda: page.goto(gallery.address("/projects/atlas?view=all")))


async def _sign_in_with_store_down(gallery: Gallery, page: Page) -> None:
    await page.goto(gallery.address(f"{MOUNT}/login?return_to=/projects/atlas"))
    await page.fill("#username", "noor")
    await page.fill("#password", PASSWORD)

    async def send() -> None:
        async with page.expect_navigation():
            await page.click("[type=submit]")

    await gallery.without_store(send)


async def _reset(gallery: Gallery, page: Page) -> None:
    await gallery.attempt(page, "olga", PASSWORD, "/projects/atlas")
    await page.wait_for_selector("#choose form:not([hidden])")


async def _reset_weak(gallery: Gallery, page: Page) -> None:
    await _reset(gallery, page)
    await page.fill("#new", "olga-olga")
    await page.click("[type=submit]")
    await page.wait_for_selector("[data-says=weak]:not([hidden])")


async def _reset_failed(gallery: Gallery, page: Page) -> None:
    await _reset(gallery, page)
    await page.route(re.compile("/reset$"), lambda route: route.abort())
    await page.fill("#new", PASSWORD)
    await page.click("[type=submit]")
    await page.wait_for_selector("[data-says=failed]:not([hidden])")


async def _reset_done(gallery: Gallery, page: Page) -> None:
    """As if it had been set: she has to change it in the other scenes too."""
    await _reset(gallery, page)
    await page.route("**/*", lambda route: route.fulfill(status=204))
    await page.fill("#new", PASSWORD)
    await page.click("[type=submit]")
    await page.wait_for_selector("#done:not([hidden])")
    await page.unroute("**/*")


SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "sign_in": _goes_to(f"{MOUNT}/login"),
        "sign_in_long_path": _goes_to(f"{MOUNT}/login?return_to={LONG_PATH}"),
        "languages": _languages,
        "session_idle": _goes_to(f"{MOUNT}/login?return_to=/projects/atlas&reason=session_idle"),
        "session_revoked": _goes_to(f"{MOUNT}/login?reason=session_revoked"),
        "session_expired": _goes_to(f"{MOUNT}/login?reason=session_expired"),
        "session_signed_out": _goes_to(f"{MOUNT}/login?reason=session_signed_out"),
        "session_invalid": _goes_to(f"{MOUNT}/login?reason=session_invalid"),
        "wrong": _tries("nobody", "not the passphrase"),
        "empty": _tries("  ", "not the passphrase"),
        "large": _tries("noor", "x" * 9_000),
        "locked": _tries("lena", PASSWORD),
        "banned": _tries("ines", PASSWORD),
        "sign_in_with_store_down": _sign_in_with_store_down,
        "cap": _tries("maria", PASSWORD),
        "reset": _reset,
        "reset_weak": _reset_weak,
        "reset_failed": _reset_failed,
        "reset_done": _reset_done,
        "reset_invalid": _goes_to(f"{MOUNT}/reset"),
        "signed_in_already": _signed_in_at(f"{MOUNT}/login?return_to=/projects/atlas"),
        "sign_out": _signed_in_at(f"{MOUNT}/logout"),
        "sign_out_for_nobody": _goes_to(f"{MOUNT}/logout"),
        "needed": _needed,
        "forbidden": _signed_in_at("/office/plans"),
        "not_found": _goes_to(f"{MOUNT}/nothing-here"),
        "cross_site": _from_another_site,
        "sent_in_vain": _sent_in_vain,
        "bad_gateway": _goes_to("/broken"),
        "gateway_timeout": _goes_to("/slow"),
        "store_down": _store_down,
    }
)

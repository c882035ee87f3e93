"""One picture of what a tab does when its session ends: before, and after, in both ways."""

import asyncio
import base64
import signal
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, expect

from tests.journeys.redis_server import RedisServer
from tests.journeys.running import MOUNT, PLAIN_COOKIE, Product
from tests.journeys.waiting import until
from tests.screenshots.wiki import Wiki

_PASSWORD = "a long and unusual passphrase"
_NAME = "maria.keller"
_POLICY = '[live]\nreauth = "{}"\n'
_SIZE = ViewportSize(width=640, height=520)
_SHEET = """<!doctype html><html lang="en"><style>
body {{ margin: 0; padding: 20px; display: flex; gap: 20px; background: #f6f6f4; width: max-content;
  font: 15px/1.4 ui-sans-serif, system-ui, "Noto Sans", sans-serif; color: #1b1d1f; }}
figure {{ margin: 0; }} figcaption {{ padding-bottom: 8px; }}
img {{ display: block; width: 460px; border: 1px solid #c9c9c2; border-radius: 10px; }}
</style><body>{}</body></html>"""
_FIGURE = '<figure><figcaption>{}</figcaption><img src="data:image/png;base64,{}"></figure>'
_CAPTIONS = (
    "A tab. Somewhere else, an admin ends the session …",
    "… and nobody has touched anything.",
    "The same with <code>reauth = &quot;overlay&quot;</code>.",
)


class _Scene:
    def __init__(self) -> None:
        self._wiki, self._store = Wiki(), RedisServer()
        self._store.start()
        self.product = Product(
            self._wiki.port,
            policy=_POLICY.format("redirect"),
            tables=self._store.settings,
            public="http://localhost:{port}",
        )
        self.product.start()
        self.product.add_user(_NAME, _PASSWORD)

    def remove(self) -> None:
        self.product.remove()
        self._store.remove()
        self._wiki.stop()

    async def overlay(self, page: Page) -> None:
        """Put the other way in force, and wait until pages have it."""
        (self.product.folder / "policy.toml").write_text(_POLICY.format("overlay"))
        self.product.signal(signal.SIGHUP)

        async def in_force() -> bool:
            await self.open(page)
            return 'data-reauth="overlay"' in await page.content()

        await until(in_force, "the policy is in force")

    async def open(self, page: Page) -> None:
        """Sign in, open the notes, and begin to write one."""
        token = await self.product.sign_in(_NAME, _PASSWORD)
        cookie = {"name": PLAIN_COOKIE, "value": token, "url": self.product.public}
        await page.context.add_cookies([cookie])  # type: ignore[list-item]  # a dict of that shape
        await page.goto(f"{self.product.public}/notes")
        await page.locator("textarea, input[name=text]").first.fill("Order new chairs for the")
        await asyncio.sleep(2)

    def revoke(self) -> None:
        done = self.product.command("sessions", "revoke", "--user", _NAME)
        assert done.returncode == 0, done.stderr


async def take(browser: Browser, file: Path) -> None:
    """Take the picture."""
    scene = await asyncio.to_thread(_Scene)
    try:
        context = await browser.new_context(viewport=_SIZE, locale="en-GB", device_scale_factor=2)
        page = await context.new_page()
        await scene.open(page)
        pictures = [await page.screenshot()]
        await asyncio.to_thread(scene.revoke)
        await page.wait_for_url(f"**{MOUNT}/login?*")
        await expect(page.get_by_role("status")).to_be_visible()
        pictures.append(await page.screenshot())
        await scene.overlay(page)
        await asyncio.to_thread(scene.revoke)
        await expect(page.locator("session-sidecar dialog[open]")).to_be_visible()
        await asyncio.sleep(0.5)
        pictures.append(await page.screenshot())
        figures = [
            _FIGURE.format(caption, base64.b64encode(picture).decode())
            for caption, picture in zip(_CAPTIONS, pictures, strict=True)
        ]
        sheet = await context.new_page()
        await sheet.set_viewport_size({"width": 1460, "height": 460})
        await sheet.set_content(_SHEET.format("".join(figures)))
        await sheet.locator("body").screenshot(path=file, scale="css")
        await context.close()
    finally:
        await asyncio.to_thread(scene.remove)

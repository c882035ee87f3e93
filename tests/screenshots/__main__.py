"""`make screenshots`: the console in pictures, with a company's day in it, and a tab signed out.

python -m tests.screenshots [FOLDER] [--only NAME]
"""

import argparse
import asyncio
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from playwright.async_api import Browser, Page

from sidecar.core.policy import Policy
from sidecar.login.hashing import Hashing
from sidecar.store.connect import connect
from sidecar.store.keys import Keys
from tests.journeys.browser import chromium
from tests.journeys.redis_server import RedisServer
from tests.journeys.running import PLAIN_COOKIE, Product, token_of
from tests.rules.source import ROOT
from tests.screenshots import dashboard, live_sign_out
from tests.screenshots.past import PastDatabase
from tests.screenshots.pictures import LOOKS, OF_STAR, PICTURES, README, Look, Picture
from tests.screenshots.story import LINUX_FIREFOX, OFFICE, OWNER, STAR, Story
from tests.screenshots.wiki import Wiki

_DEADLINE = timedelta(seconds=30)
_PASSWORD = "a long and unusual passphrase"
_LATE_MORNING = 11
_LIVE = "live-sign-out.png"
_DASHBOARD = "dashboard.png"
_SETTINGS = 'trusted_proxies = ["127.0.0.1/32"]\n'
_POLICY = """
[session]
max_per_user = 12

[session.roles.owner]
idle_timeout = "15m"

[lockout]
failures = 8

[[routes]]
path = "/static/**"
methods = ["GET"]
allow = "anyone"

[[routes]]
path = "/admin/**"
allow = { roles = ["admin"], groups = ["operations"] }
"""


class Studio:
    """A product with a day behind it. people: ids by their names."""

    def __init__(self) -> None:
        self.wiki, self.store = Wiki(), RedisServer()
        self.people: dict[str, str] = {}
        now = datetime.now(UTC)
        # Wherever and whenever the pictures are taken, it is late morning in them.
        self.hours = _LATE_MORNING - now.hour
        self.zone = f"Etc/GMT{-self.hours:+d}" if self.hours else "Etc/GMT"

    async def start(self) -> None:
        self.store.start()
        database = PastDatabase(connect(self.store.url, _DEADLINE), Keys(), _DEADLINE)
        now = datetime.now(timezone(timedelta(hours=self.hours)))
        hashed = await Hashing().hash_password(_PASSWORD)
        people = await Story(database, Policy(), now).tell(hashed)
        self.people = {name: user.id for name, user in people.items()}
        await database.close()
        self.product = Product(
            self.wiki.port,
            _SETTINGS,
            _POLICY,
            self.store.settings,
            public="http://localhost:{port}",
        )
        await asyncio.to_thread(self.product.start)

    def remove(self) -> None:
        self.product.remove()
        self.store.remove()
        self.wiki.stop()

    @asynccontextmanager
    async def camera(self, browser: Browser, look: Look) -> AsyncIterator[Page]:
        context = await browser.new_context(
            locale=look.language,
            viewport={"width": look.width, "height": look.height},
            device_scale_factor=look.scale,
            color_scheme=look.scheme,
            reduced_motion="reduce",
            timezone_id=self.zone,
            extra_http_headers={"X-Forwarded-For": OFFICE},
        )
        url = self.product.public
        await context.add_cookies([{"name": PLAIN_COOKIE, "value": self.token, "url": url}])
        try:
            yield await context.new_page()
        finally:
            await context.close()

    async def be(self, name: str) -> None:
        """Sign somebody in: from now on, it is them who look."""
        more = {"User_Agent": LINUX_FIREFOX, "X_Forwarded_For": OFFICE}
        self.token = token_of(await self.product.attempt(name, _PASSWORD, **more))

    async def take(self, page: Page, picture: Picture, file: Path) -> None:
        path = picture.path.format(star=self.people[STAR])
        await page.goto(f"{self.product.public}{picture.root}{path}")
        await page.wait_for_function(
            "() => document.querySelector('main h1')"
            " && !document.querySelector('[data-state=loading], [aria-busy=true]')"
        )
        if picture.open is not None:
            await picture.open(page)
        await page.wait_for_load_state("networkidle" if picture.calm else "load")
        if picture.part:
            await page.locator(picture.part).screenshot(path=file)
        else:
            await page.screenshot(path=file, full_page=picture.whole)


async def _main(folder: Path, only: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    studio = Studio()
    try:
        await studio.start()
        async with chromium() as browser:
            for who, pictures in ((OWNER, PICTURES), (STAR, OF_STAR)):
                await studio.be(who)
                for look in LOOKS:
                    async with studio.camera(browser, LOOKS[look]) as page:
                        for name in [name for name in pictures if only in name]:
                            await studio.take(page, pictures[name], folder / f"{name}-{look}.png")
            if only in _LIVE:
                await live_sign_out.take(browser, folder / _LIVE)
            if only in _DASHBOARD:
                await dashboard.take(browser, folder / _DASHBOARD)
    finally:
        studio.remove()
    for target, (name, look) in README.items():
        source = folder / f"{name}-{look}.png"
        if source.exists() and not only:
            shutil.copyfile(source, Path(ROOT, "deploy", "demo", target))
    if only in _LIVE:
        shutil.copyfile(folder / _LIVE, Path(ROOT, "deploy", "demo", _LIVE))
    if only in _DASHBOARD:
        shutil.copyfile(folder / _DASHBOARD, Path(ROOT, "deploy", "grafana", _DASHBOARD))
    sys.stdout.write(f"The pictures are in {folder}/.\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build/screenshots"))
    parser.add_argument("--only", default="", help="those whose name has this in it")
    options = parser.parse_args()
    asyncio.run(_main(options.folder, options.only))

"""The dashboard in a picture: three minutes of life, scraped by a real Prometheus, asked by the
queries of `deploy/grafana/sidecar.json`. Grafana is not at hand, so the panels are drawn here."""

import asyncio
import json
import re
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

from playwright.async_api import Browser

from tests.journeys.monitoring import Monitoring
from tests.journeys.raw import RecordingUpstream, Wire, lay_out
from tests.journeys.running import Product, cookie
from tests.rules.source import ROOT

SPAN = 180.0
_PASSWORD = "a long and unusual passphrase"
_PEOPLE = ("ayse", "bob", "chen", "dora", "emeka", "frida")
_PROXY = "127.0.0.2"
_SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
_HANDSHAKE = (("Upgrade", "websocket"), ("Connection", "Upgrade"))
_RATE = "15s"
_LABEL = re.compile(r"{{(\w+)}}")
_LOAD = """async ([uplot, drawing, panels]) => {
  const load = (text) =>
    import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  window.uPlot = (await load(uplot)).default;
  (await load(drawing)).draw(document.getElementById("grid"), panels);
}"""


class _Life:
    """What goes on meanwhile."""

    def __init__(self) -> None:
        self.upstream = RecordingUpstream()
        self.upstream.start()
        self.upstream.plan("/socket", _SWITCH)
        self.product = Product(self.upstream, f'workers = 2\ntrusted_proxies = ["{_PROXY}/32"]')
        self.product.start()
        for name in _PEOPLE:
            self.product.add_user(name, _PASSWORD)
        self.folder = Path(tempfile.mkdtemp(prefix="scm-", dir="/tmp"))
        self.monitoring = Monitoring(self.folder, self.product.ops_port)
        self.monitoring.start()
        self._tokens: dict[str, str] = {}
        self._sockets: list[Wire] = []

    def remove(self) -> None:
        self.monitoring.stop()
        self.product.remove()
        self.upstream.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    async def go_on(self) -> None:
        """Let it go on for the whole span."""
        began = time.monotonic()
        happens = [*self._happens()]
        turn = 0
        while (now := time.monotonic() - began) < SPAN:
            while happens and happens[0][0] <= now:
                await happens.pop(0)[1]
            for number, token in enumerate([*self._tokens.values()]):
                for _ in range(1 + (turn + number) % 4):
                    await self.product.ask(lay_out(f"/page{turn}", cookie(token)))
            turn += 1
            await asyncio.sleep(0.15)

    def _happens(self) -> list[tuple[float, Any]]:
        acts: list[tuple[float, Any]] = []
        for number, name in enumerate(_PEOPLE):
            acts.append((4.0 + 6 * number, self._come(name)))
        acts += [(50.0 + 2 * n, self.product.attempt("dora", "not hers at all")) for n in range(12)]
        acts += [(85.0 + n, self._move("bob", f"203.0.113.{n}")) for n in range(5)]
        acts += [(110.0, self._end("frida")), (130.0, self._end("bob")), (140.0, self._come("bob"))]
        return sorted(acts, key=lambda act: act[0])

    async def _come(self, name: str) -> None:
        token = self._tokens[name] = await self.product.sign_in(name, _PASSWORD)
        wire = await self.product.wire()
        await wire.send(lay_out("/socket", *_HANDSHAKE, cookie(token)))
        self._sockets.append(wire)

    async def _move(self, name: str, address: str) -> None:
        fields = ("X-Forwarded-For", address), cookie(self._tokens[name])
        await self.product.ask(lay_out("/elsewhere", *fields), source=_PROXY)

    async def _end(self, name: str) -> None:
        """Its tab goes on asking: a dead token."""
        await asyncio.to_thread(self.product.command, "sessions", "revoke", "--user", name)


def _answered(monitoring: Monitoring, panel: dict[str, Any], began: float) -> dict[str, Any]:
    """Return the panel with what Prometheus answers to its queries."""
    series = []
    for target in panel.get("targets", ()):
        query = target["expr"].replace("$__rate_interval", _RATE).replace("$job", "sidecar")
        for found in monitoring.range(query, began, time.time()):
            labels: dict[str, str] = found["metric"]
            name = _LABEL.sub(partial(_named, labels), target["legendFormat"])
            points = [[float(at), float(value)] for at, value in found["values"]]
            series.append({"name": name, "points": points})
    return panel | {"series": series}


def _named(labels: dict[str, str], label: re.Match[str]) -> str:
    return labels.get(label[1], "")


async def take(browser: Browser, file: Path) -> None:
    """Take the picture."""
    life = await asyncio.to_thread(_Life)
    began = time.time()
    try:
        await life.go_on()
        shown = json.loads((ROOT / "deploy" / "grafana" / "sidecar.json").read_text("utf-8"))
        panels = [_answered(life.monitoring, panel, began) for panel in shown["panels"]]
    finally:
        await asyncio.to_thread(life.remove)
    here = Path(__file__).parent
    page = await browser.new_page(viewport={"width": 1424, "height": 900})
    await page.set_content((here / "dashboard.html").read_text("utf-8"))
    await page.add_style_tag(path=ROOT / "admin_ui" / "vendor" / "uplot.css")
    uplot = (ROOT / "admin_ui" / "vendor" / "uplot.js").read_text("utf-8")
    drawing = (here / "dashboard.js").read_text("utf-8")
    await page.evaluate(_LOAD, [uplot, drawing, panels])
    await page.locator("body").screenshot(path=file)
    await page.close()

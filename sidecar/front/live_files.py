"""`GET {mount}/live.js` and `…/live-worker.js`: the script that pages of the application get.

It is one classic script, since a page's policy is extended by one address and not by many. What it
is put together from are the files of `admin_ui/live/`, one behind another within one function, so
that nothing of it gets a name on a page that is not ours. The dialogs' sentences stand before them,
in every language: they are those of the sign-in page.
"""

import asyncio
import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable

from aiohttp import web

from sidecar.front.services import SERVICES, MountServices
from sidecar.login.assets import ui_folder
from sidecar.login.texts import Catalogue, load_catalogue

PARTS = {
    "live.js": ("texts.js", "hub.js", "link.js", "look.js", "dialogs.js", "tab.js"),
    "live-worker.js": ("hub.js", "worker.js"),
}
_SHARED = ("field.username", "field.password", "field.code", "own.sign_in")
_OWN = (
    *("needed", "session_revoked", "session_idle", "session_expired", "session_invalid"),
    *("stay", "go_on", "limit_title"),
    *("fault_wrong", "fault_banned", "fault_locked", "fault_busy", "fault_store"),
    *("live_idle", "live_idle_in", "live_final", "live_final_in"),
    *("fault_wrong_code", "live_kept", "live_elsewhere", "live_failed", "live_failed_next"),
)
SAID = (*_SHARED, *(f"door.{key}" for key in _OWN))
"""The sentences that the dialogs say; there the last part of a key is enough."""

# Pages ask for it each time, at an address that says no version.
_AGE = "public, max-age=300, stale-while-revalidate=86400"


@dataclass(frozen=True, slots=True)
class LiveFile:
    body: bytes
    packed: bytes
    tag: str


class LiveFiles:
    """The two scripts, put together when the first page asks."""

    def __init__(self, ui: Traversable) -> None:
        self._folder = ui / "live"

    def get(self, name: str) -> LiveFile:
        return self._files[name]

    @cached_property
    def _files(self) -> dict[str, LiveFile]:
        return {name: self._put_together(name) for name in PARTS}

    def _put_together(self, name: str) -> LiveFile:
        texts = [_texts(load_catalogue())] if "texts.js" in PARTS[name] else []
        parts = [(self._folder / part).read_text("utf-8") for part in PARTS[name]]
        inside = "\n".join(['"use strict";', *texts, *parts])
        body = f"(() => {{\n{inside}}})();\n".encode()
        digest = hashlib.sha256(body).hexdigest()[:16]
        return LiveFile(body, gzip.compress(body, 9, mtime=0), digest)


def _texts(catalogue: Catalogue) -> str:
    texts = {
        language: {key.rpartition(".")[2]: text(key) for key in SAID}
        for language in catalogue.languages
        for text in (catalogue.choose(language),)
    }
    return f"const TEXTS = {json.dumps(texts, ensure_ascii=False)};"


FILES = web.AppKey("live_files", LiveFiles)


def add_live_files(app: web.Application, services: MountServices) -> None:
    """Add the routes of the two scripts."""
    app[FILES] = LiveFiles(ui_folder())
    names = "|".join(map(re.escape, PARTS))
    app.add_routes([web.get(f"{services.mount}/{{name:{names}}}", serve)])


async def serve(request: web.Request) -> web.Response:
    """The script, or 304 when the browser has it."""
    files = request.app[FILES]
    found = await asyncio.to_thread(files.get, request.match_info["name"])
    services = request.app[SERVICES]
    headers = {
        **services.headers.file,
        "Cache-Control": _AGE,
        "Content-Security-Policy": _policy(services.public_url),
        "ETag": f'W/"{found.tag}"',  # the same words, packed or not
        "Vary": "Accept-Encoding",
    }
    if found.tag in {known.value for known in request.if_none_match or ()}:
        return web.Response(status=304, headers=headers)
    headers["Content-Type"] = "text/javascript; charset=utf-8"
    if "gzip" not in request.headers.get("Accept-Encoding", "").lower():
        return web.Response(body=found.body, headers=headers)
    return web.Response(body=found.packed, headers={**headers, "Content-Encoding": "gzip"})


def _policy(public_url: str) -> str:
    """Return what the worker may do: connect to us, and nothing else."""
    line = public_url.replace("http", "ws", 1)  # not every browser takes it for 'self'
    return f"default-src 'none'; connect-src 'self' {line}"

"""`GET {mount}/admin/…`: the console. One page for all of its addresses, and the files it loads.

The page itself holds nothing of anybody: everything that it shows, it asks the admin API for, which
decides about each call. So the look at the session here only spares people an empty console.
"""

import asyncio
import json
from functools import cached_property
from html import escape
from string import Template

from aiohttp import web

from sidecar.core.session import Session
from sidecar.core.users import Role
from sidecar.front.console_files import FOLDERS, ConsoleFiles
from sidecar.front.inputs import Refused
from sidecar.front.own_session import session_or_door
from sidecar.front.problem import Problem
from sidecar.front.replies import language_of, page_reply
from sidecar.front.services import SERVICES, MountServices
from sidecar.login.assets import ui_folder
from sidecar.login.texts import choose_language, direction_of

# Trusted Types: the only code that may turn text into markup is the template library's own.
CONSOLE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    "require-trusted-types-for 'script'; trusted-types lit-html"
)
_FOR_EVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"
_ID = "[A-Za-z0-9_-]{1,128}"
_PAGES = (
    f"{{page:(|sessions|users|users/{_ID}|agents|alarms|audit|policy|webhooks|webhooks/{_ID})}}"
)
_SHELL = "console.html"
_LOADED = ("console/", "shared/", "vendor/")
_NOT_AN_ADMIN = Problem("forbidden", 403, "This page is for administrators.")


class Console:
    """The console of one installation. What is read from the disk is read when it is needed."""

    def __init__(self, services: MountServices) -> None:
        self._mount = services.mount
        self._assets = services.assets
        self._shells: dict[str, str] = {}

    @cached_property
    def files(self) -> ConsoleFiles:
        return ConsoleFiles(ui_folder())

    def shell(self, accept_language: str) -> str:
        """Return the page in the language that was asked for."""
        language = choose_language(accept_language, self.languages)
        if language not in self._shells:
            self._shells[language] = self._write(language)
        return self._shells[language]

    @property
    def tree(self) -> str:
        """Return the address below which all of the files stand."""
        return f"{self._mount}/assets/{self.files.digest}"

    @cached_property
    def languages(self) -> tuple[str, ...]:
        names = (name.removeprefix("locales/") for name in self.files.names if "locales/" in name)
        return tuple(name.removesuffix(".json") for name in names)

    def _write(self, language: str) -> str:
        tree = self.tree
        named = {
            suffix: [
                f"{tree}/{name}"
                for name in self.files.names
                if name.endswith(suffix) and name.startswith(_LOADED)
            ]
            for suffix in (".css", ".js")
        }
        sheets = [self._assets.url("tokens.css"), *named[".css"]]
        # All modules at once, instead of one round after the other as they import each other.
        modules = [url for url in named[".js"] if not url.endswith(("/early.js", "/uplot.js"))]
        values = {
            "language": language,
            "languages": " ".join(self.languages),
            "direction": direction_of(language),
            "mount": self._mount,
            "tree": tree,
            "icon": self._assets.url("icon.svg"),
            "noscript": json.loads(self._read(f"locales/{language}.json"))["noscript"],
        }
        return Template(self._read(_SHELL)).substitute(
            {name: escape(value) for name, value in values.items()},
            sheets="\n".join(f'<link rel="stylesheet" href="{escape(url)}">' for url in sheets),
            modules="\n".join(
                f'<link rel="modulepreload" href="{escape(url)}">' for url in modules
            ),
        )

    def _read(self, name: str) -> str:
        return ui_folder().joinpath(*name.split("/")).read_text("utf-8")


CONSOLE = web.AppKey("console", Console)


def add_console(app: web.Application) -> None:
    """Add the console's routes to the application of the mount."""
    services = app[SERVICES]
    app[CONSOLE] = Console(services)
    app.add_routes(
        [
            web.get(f"{services.mount}/admin", _to_the_slash),
            web.get(f"{services.mount}/admin/{_PAGES}", show),
            web.get(
                f"{services.mount}/assets/{{digest}}/{{name:(?:{'|'.join(FOLDERS)})/.+}}", serve
            ),
        ]
    )


async def show(request: web.Request) -> web.Response:
    """The console for those who may look; for others the sign-in, or a page that says why not."""
    session = await session_or_door(request)
    if not isinstance(session, Session):
        return session
    if session.role < Role.VIEWER:
        raise Refused(_NOT_AN_ADMIN)
    page = await asyncio.to_thread(request.app[CONSOLE].shell, language_of(request))
    reply = page_reply(request, page)
    reply.headers["Content-Security-Policy"] = CONSOLE_POLICY
    return reply


async def serve(request: web.Request) -> web.Response:
    """One file of the tree. One of another version is answered with that of today, and not kept."""
    console = request.app[CONSOLE]
    accepts = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    name = request.match_info["name"]
    found = await asyncio.to_thread(lambda: console.files.read(name, packed=accepts))
    if found is None:
        raise web.HTTPNotFound
    current = found.current and request.match_info["digest"] == console.files.digest
    headers = {
        **request.app[SERVICES].headers.file,
        "Content-Type": found.media_type,
        "Cache-Control": _FOR_EVER if current else _ASK_AGAIN,
        "Vary": "Accept-Encoding",
    }
    if found.packed:
        headers["Content-Encoding"] = "gzip"
    return web.Response(body=found.body, headers=headers)


async def _to_the_slash(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    return web.Response(
        status=303, headers={**services.headers.page, "Location": f"{services.mount}/admin/"}
    )

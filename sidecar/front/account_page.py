"""`GET {mount}/account/security`: the page on which people look after their own sign-in, also at a
path of the application if the settings name one; and `GET {mount}/widgets/user-sessions.js`, the
element that it and any page of the application shows the sessions with.

The address of the element stays the same for ever, so what it answers is one line that browsers ask
for again each time: it names the files of today, which they keep.
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping
from functools import cached_property
from html import escape
from string import Template

from aiohttp import web

from sidecar.core.live_script import TRUSTED_TYPES_POLICY
from sidecar.core.passwords import least_length
from sidecar.core.session import Session
from sidecar.front.console import CONSOLE, Console
from sidecar.front.own_session import session_or_door
from sidecar.front.replies import language_of, page_reply
from sidecar.front.services import SERVICES, MountServices
from sidecar.login.assets import ui_folder
from sidecar.login.texts import choose_language, direction_of

ACCOUNT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; worker-src 'self'; "
    "connect-src 'self' {line}; form-action 'none'; frame-ancestors 'none'; base-uri 'none'; "
    f"require-trusted-types-for 'script'; trusted-types {TRUSTED_TYPES_POLICY}"
)
"""line: where the live channel is, which not every browser takes for 'self'."""

_SHELL = "security.html"
_ASK_AGAIN = "no-cache"


class _Shell(Template):
    """Its places are named like the sentences that go into them: `${own.title}`."""

    idpattern = r"[a-z][a-z_]*(?:\.[a-z_]+)?"


class AccountPage:
    """The page of one installation. What is read from the disk is read when it is needed."""

    def __init__(self, services: MountServices, console: Console) -> None:
        self._services = services
        self._console = console
        self._texts: dict[str, Mapping[str, str]] = {}
        line = services.public_url.replace("http", "ws", 1)
        self.policy = ACCOUNT_POLICY.replace("{line}", line)

    def write(self, session: Session, accept_language: str) -> str:
        """Return the page for whoever holds the session, in the language that was asked for."""
        services, console = self._services, self._console
        language = choose_language(accept_language, console.languages)
        if language not in self._texts:
            self._texts[language] = _sentences(language)
        texts = self._texts[language]
        least = str(least_length(services.policy().password))
        values = {
            **texts,
            "own.password_rules": texts["own.password_rules"].replace("{n}", least),
            "least": least,
            "language": language,
            "languages": " ".join(console.languages),
            "direction": direction_of(language),
            "mount": services.mount,
            "tree": console.tree,
            "icon": services.assets.url("icon.svg"),
            "tokens": services.assets.url("tokens.css"),
            "host": services.public_url.partition("://")[2],
            "username": session.username,
        }
        return self._shell.substitute({name: escape(value) for name, value in values.items()})

    @cached_property
    def widget(self) -> bytes:
        """What the address of the element answers."""
        console = self._console
        place = {
            "mount": self._services.mount,
            "tree": console.tree,
            "languages": list(console.languages),
        }
        source = json.dumps(f"{console.tree}/widgets/user-sessions.js")
        return f"import {{ define }} from {source};\ndefine({json.dumps(place)});\n".encode("ascii")

    @cached_property
    def _shell(self) -> _Shell:
        return _Shell((ui_folder() / "account" / _SHELL).read_text("utf-8"))


ACCOUNT_PAGE = web.AppKey("account_page", AccountPage)


def add_account_page(app: web.Application) -> None:
    """Add page and element to the application of the mount, behind the console."""
    services = app[SERVICES]
    app[ACCOUNT_PAGE] = AccountPage(services, app[CONSOLE])
    app.add_routes(
        [
            web.get(f"{services.mount}/account/security", show),
            web.get(f"{services.mount}/widgets/user-sessions.js", serve_widget),
        ]
    )
    if services.account_path is not None:
        app.router.add_get(services.account_path, show)


async def show(request: web.Request) -> web.Response:
    """The page; for others the way to sign in and back."""
    session = await session_or_door(request)
    if not isinstance(session, Session):
        return session
    account = request.app[ACCOUNT_PAGE]
    page = await asyncio.to_thread(account.write, session, language_of(request))
    reply = page_reply(request, page)
    reply.headers["Content-Security-Policy"] = account.policy
    return reply


async def serve_widget(request: web.Request) -> web.Response:
    """The element, or 304 for a browser that knows which files are those of today."""
    account = request.app[ACCOUNT_PAGE]
    body = await asyncio.to_thread(lambda: account.widget)
    tag = hashlib.sha256(body).hexdigest()[:16]
    headers = {
        **request.app[SERVICES].headers.file,
        "ETag": f'"{tag}"',
        "Cache-Control": _ASK_AGAIN,
    }
    if tag in {known.value for known in request.if_none_match or ()}:
        return web.Response(status=304, headers=headers)
    return web.Response(
        body=body, headers={**headers, "Content-Type": "text/javascript; charset=utf-8"}
    )


def _sentences(language: str) -> Mapping[str, str]:
    """Return the sentences of a locale file that have no count in them."""
    read = (ui_folder() / "locales" / f"{language}.json").read_text("utf-8")
    return {key: text for key, text in json.loads(read).items() if isinstance(text, str)}

"""Our own pages and API as one aiohttp application: the routes, and nothing else."""

from aiohttp import hdrs, web

from sidecar.front import (
    language,
    live,
    own_files,
    own_session,
    provider_logout,
    provider_sign_in,
    reset,
    second_factor,
    sign_in,
    sign_out,
    signal_in,
)
from sidecar.front.account_mount import account_routes
from sidecar.front.account_page import add_account_page
from sidecar.front.admin_mount import admin_routes
from sidecar.front.console import add_console
from sidecar.front.inputs import LARGEST_BODY
from sidecar.front.live_files import add_live_files
from sidecar.front.middleware import answer_failures, refuse_cross_site
from sidecar.front.openapi import OpenApi
from sidecar.front.scim import scim_routes
from sidecar.front.services import SERVICES, MountServices


def build_mount(services: MountServices) -> web.Application:
    """Return the application that answers everything below the mount.

    Requests must come through the front, which hands over their context (`context.py`).
    """
    app = web.Application(
        middlewares=[answer_failures, refuse_cross_site], client_max_size=LARGEST_BODY
    )
    app[SERVICES] = services
    add_live_files(app, services)
    app.on_response_prepare.append(_say_nothing_of_the_server)
    mount = services.mount
    app.add_routes(
        [
            web.get(f"{mount}/login", sign_in.show),
            web.post(f"{mount}/login", second_factor.submit),
            web.get(f"{mount}/login/{{provider}}", provider_sign_in.start),
            web.post(f"{mount}/login/{{provider}}", provider_sign_in.start_at_limit),
            web.get(f"{mount}/login/{{provider}}/callback", provider_sign_in.finish),
            web.post(
                f"{mount}/login/{{provider}}/backchannel-logout",
                provider_logout.end,
                name=provider_logout.NAME,
            ),
            web.post(f"{mount}/api/signals/revoke", signal_in.revoke, name=signal_in.NAME),
            web.get(f"{mount}/reset", reset.show),
            web.post(f"{mount}/reset", reset.submit),
            web.get(f"{mount}/logout", sign_out.ask),
            web.post(f"{mount}/logout", sign_out.end),
            web.post(f"{mount}/language", language.choose),
            web.get(f"{mount}/api/session", own_session.show),
            web.get(f"{mount}/live", live.connect, allow_head=False),
            web.post(f"{mount}/api/reauth", own_session.reauthenticate),
            web.get(f"{mount}/.well-known/jwks.json", own_session.public_keys),
            web.get(f"{mount}/assets/{{digest}}/{{name}}", own_files.serve),
            *scim_routes(mount),
            *account_routes(mount),
            *admin_routes(mount),
            web.get(f"{mount}/openapi.json", OpenApi().serve),
        ]
    )
    app.on_cleanup.append(_close_live)
    add_console(app)
    add_account_page(app)
    return app


async def _close_live(app: web.Application) -> None:
    await app[SERVICES].live_room.close()


async def _say_nothing_of_the_server(_: web.Request, response: web.StreamResponse) -> None:
    """Leave out `Server`: which versions we run is nobody's business."""
    response.headers.popall(hdrs.SERVER, None)

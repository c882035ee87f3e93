"""Self-service over HTTP: the table of `account/routes.py`, bound as the admin's is."""

from aiohttp import web

from sidecar.account.desk import AccountDesk
from sidecar.account.password import PasswordChanged
from sidecar.account.routes import ROUTES
from sidecar.core.session import expires_at
from sidecar.front.bound import Bound, bind
from sidecar.front.replies import empty_reply
from sidecar.front.services import SERVICES


def account_routes(mount: str) -> list[web.RouteDef]:
    """Return the routes of the self-service API below `mount`."""
    return [bind(mount, AccountBound(row)) for row in ROUTES]


class AccountBound(Bound):
    """One row of the table. What changes the password gives the browser a new cookie."""

    def desk(self, request: web.Request) -> AccountDesk:
        return request.app[SERVICES].account

    async def reply(self, request: web.Request, answer: object) -> web.StreamResponse:
        if not isinstance(answer, PasswordChanged):
            return await super().reply(request, answer)
        reply, services = empty_reply(request), request.app[SERVICES]
        if answer.token is not None:
            limits = services.policy().limits_for(answer.session.role)
            left = expires_at(answer.session, limits) - services.clock.now()
            reply.headers["Set-Cookie"] = services.cookies.session_cookie(answer.token, left)
        return reply

"""The admin API over HTTP: the table of `admin/routes.py`, bound row by row in one way.

The order of the questions is that of every row: is it from our own pages (the middleware), is there
a session, is the role enough, is the input right, is the proof of who it is fresh. Whatever act is
refused on the way is entered in the audit log before the answer is given.

A client may take its time with a body, a password waits to be hashed, a file is read for minutes:
behind each the session is looked at again, so that nobody acts whose session has ended meanwhile.
"""

import logging
import re
from functools import partial
from types import MappingProxyType

from aiohttp import web

from sidecar.admin.audit import Download
from sidecar.admin.caller import Caller
from sidecar.admin.given import ID_PATTERN
from sidecar.admin.refusal import Refusal
from sidecar.admin.routes import ROUTES, AdminRoute
from sidecar.core.audit import Action, AuditEntry, Target
from sidecar.core.directory import Outranked
from sidecar.core.ports import LastOwner, NoSuchUser, StoreUnavailable, UserExists
from sidecar.core.session import Handle, Session
from sidecar.core.shapes import Shape
from sidecar.core.token import HANDLE_LENGTH, is_handle
from sidecar.core.users import UserId
from sidecar.core.verdict import Allow
from sidecar.front.context import context_of
from sidecar.front.inputs import Refused, read_json, read_query
from sidecar.front.own_session import signed_in_session
from sidecar.front.problem import FieldFault, Problem, problem
from sidecar.front.replies import json_reply
from sidecar.front.services import SERVICES

log = logging.getLogger(__name__)

_ID = re.compile(ID_PATTERN)


def admin_routes(mount: str) -> list[web.RouteDef]:
    """Return the routes of the admin API below `mount`."""
    return [_bind(mount, row) for row in ROUTES]


def _bind(mount: str, row: AdminRoute) -> web.RouteDef:
    path, answer = f"{mount}{row.path}", Bound(row).answer
    if row.target == "session":  # so that no fixed address beside it is taken for an id
        path = path.replace("{id}", f"{{id:[^/]{{{HANDLE_LENGTH}}}}}")
    if row.method == "GET":  # nobody takes a file away by asking for its head
        return web.get(path, answer, allow_head=row.answer is not None)
    return web.RouteDef(row.method, path, answer, {})


async def note_cross_site(request: web.Request) -> None:
    """Enter in the audit log an act that another site tried in a signed-in person's name."""
    bound = getattr(request.match_info.handler, "__self__", None)
    if not isinstance(bound, Bound):
        return
    context = context_of(request)
    verdict = await request.app[SERVICES].signed_in(context.credential, forged=context.forged)
    if isinstance(verdict, Allow) and verdict.session is not None:
        await bound.note(request, _caller(request, verdict.session), "cross_site_request")


class Bound:
    """One row of the table as a handler."""

    def __init__(self, row: AdminRoute) -> None:
        self._row = row

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Do what the row says. Raises Refused, and what the middleware answers."""
        caller = _caller(request, await signed_in_session(request))
        try:
            answer = await self._do(request, caller)
        except Refusal as refusal:
            if refusal.is_act:
                await self.note(request, caller, refusal.code, refusal.action)
            raise Refused(_problem(refusal)) from None
        except NoSuchUser:
            raise Refused(problem("not_found")) from None
        except UserExists:
            raise Refused(problem("user_exists")) from None
        except LastOwner:
            raise Refused(problem("last_owner")) from None
        except Outranked:
            raise Refused(problem("forbidden")) from None
        if isinstance(answer, Download):
            return await _stream(request, answer, caller)
        if not isinstance(answer, Shape):
            raise TypeError(f"{self._row.summary}: no answer")
        return json_reply(request, answer, self._row.status)

    async def note(
        self, request: web.Request, caller: Caller, code: str, action: Action | None = None
    ) -> None:
        """Enter a refused act in the audit log; to have read in vain is none."""
        row = self._row
        if row.action is None:
            return
        entry = AuditEntry(
            action or row.action,
            caller.actor,
            await self._target(request),
            scope="single" if row.has_id else "bulk",
            reason=code,
            outcome="refused",
            details=MappingProxyType({"call": f"{row.method} {row.path}"}),
        )
        await request.app[SERVICES].desk.audit.write(entry)

    async def _do(self, request: web.Request, caller: Caller) -> object:
        row, desk = self._row, request.app[SERVICES].desk
        caller.must_be(row.role)
        given: list[object] = []
        if row.has_id:
            if not _ID.fullmatch(request.match_info["id"]):
                raise Refusal("not_found")
            given.append(request.match_info["id"])
        if row.query is not None:
            given.append(read_query(request, row.query))
        if row.body is not None:
            given.append(await read_json(request, row.body))
            await caller.confirm()
        if row.step_up is not None:
            within = getattr(desk.policy().step_up, row.step_up)
            caller.must_be_fresh(desk.clock.now(), within)
        return await row.operation(desk, caller, *given)

    async def _target(self, request: web.Request) -> Target:
        """Say whom it was about, as far as the address does."""
        desk, row = request.app[SERVICES].desk, self._row
        text = request.match_info["id"] if row.has_id else request.query.get("userId", "")
        if row.target == "session" and is_handle(text):
            session = await desk.sessions.get(Handle(text))
            if session is None:
                return Target(handle=Handle(text))
            return Target(session.user_id, session.username, session.handle)
        user = await desk.directory.get(UserId(text)) if _ID.fullmatch(text) else None
        return Target(user.id, user.username) if user is not None else Target()


def _caller(request: web.Request, session: Session) -> Caller:
    confirm = partial(signed_in_session, request)
    return Caller(session, context_of(request).client_ip, confirm)


def _problem(refusal: Refusal) -> Problem:
    errors = [FieldFault(name, message) for name, message in refusal.faults.items()]
    return problem(refusal.code, errors=errors, members=refusal.members)


async def _stream(request: web.Request, download: Download, caller: Caller) -> web.StreamResponse:
    """Write a file while it is read. One that cannot be read to its end, or not by this caller any
    more, is cut off: whoever takes it away must not believe that it is whole."""
    first = await anext(download.parts, b"")  # what fails at once still gets a proper answer
    reply = web.StreamResponse(headers=request.app[SERVICES].headers.data)
    reply.content_type, reply.charset = download.media_type, "utf-8"
    reply.headers["Content-Disposition"] = f'attachment; filename="{download.filename}"'
    await reply.prepare(request)
    try:
        await reply.write(first)
        async for part in download.parts:
            await caller.confirm()
            await reply.write(part)
        await reply.write_eof()
    except (StoreUnavailable, Refused):
        if request.transport is not None:
            request.transport.abort()
    except ConnectionError:
        log.debug("download_given_up")
    return reply

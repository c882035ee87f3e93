"""A row of a table of routes (`core/api_route.py`) as a handler.

The order of the questions is that of every row: is it from our own pages (the middleware), is there
a session, is the role enough, is the input right, is the proof of who it is fresh. Whatever act is
refused on the way is entered in the audit log before the answer is given.

A client may take its time with a body, a password waits to be hashed, a file is read for minutes:
behind each the session is looked at again, so that nobody acts whose session has ended meanwhile.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import partial
from math import ceil
from types import MappingProxyType

from aiohttp import web

from sidecar.core.api_route import ApiRoute
from sidecar.core.audit import Action, AuditEntry, Target
from sidecar.core.call_refusal import CallRefused
from sidecar.core.caller import Caller
from sidecar.core.directory import Outranked
from sidecar.core.given import ID_PATTERN
from sidecar.core.ports import LastOwner, NoSuchUser, UserExists
from sidecar.core.session import Handle, Session
from sidecar.core.shapes import Shape
from sidecar.core.token import HANDLE_LENGTH, is_handle
from sidecar.core.users import UserId
from sidecar.core.verdict import Allow
from sidecar.front.context import context_of
from sidecar.front.inputs import Refused, read_json, read_query
from sidecar.front.own_session import signed_in_session
from sidecar.front.problem import FieldFault, Problem, problem
from sidecar.front.replies import json_reply, language_asked_of
from sidecar.front.services import SERVICES

_ID = re.compile(ID_PATTERN)
_BESIDE: Mapping[str, Action] = MappingProxyType(
    {"/logout": Action.SESSION_SIGNED_OUT, "/api/reauth": Action.SESSION_ROTATED}
)
"""What else a signed-in person does, with calls that are in no table."""


def bind(mount: str, handler: "Bound") -> web.RouteDef:
    """Return the route of a row below `mount`."""
    row = handler.row
    path = f"{mount}{row.path}"
    if row.target == "session":  # so that no fixed address beside it is taken for an id
        path = path.replace("{id}", f"{{id:[^/]{{{HANDLE_LENGTH}}}}}")
    if row.method == "GET":  # nobody takes a file away by asking for its head
        return web.get(path, handler.answer, allow_head=not row.is_file)
    return web.RouteDef(row.method, path, handler.answer, {})


async def note_cross_site(request: web.Request) -> None:
    """Enter in the audit log an act that another site tried in a signed-in person's name."""
    context, services = context_of(request), request.app[SERVICES]
    bound = getattr(request.match_info.handler, "__self__", None)
    path = request.path.removeprefix(services.mount)
    if context.credential is None or not (isinstance(bound, Bound) or path in _BESIDE):
        return
    verdict = await services.signed_in(context.credential, forged=context.forged)
    if not isinstance(verdict, Allow) or verdict.session is None:
        return
    caller = caller_of(request, verdict.session)
    if isinstance(bound, Bound):
        await bound.note(request, caller, "cross_site_request")
        return
    entry = AuditEntry(
        _BESIDE[path],
        caller.actor,
        Target(caller.user_id, caller.session.username, caller.handle),
        count=0,
        reason="cross_site_request",
        outcome="refused",
        details=MappingProxyType({"call": f"{request.method} {path}"}),
    )
    await services.desk.audit.write(entry)


class Bound(ABC):
    """One row of the table as a handler."""

    def __init__(self, row: ApiRoute) -> None:
        self.row = row

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Do what the row says. Raises Refused, and what the middleware answers."""
        caller = caller_of(request, await signed_in_session(request))
        try:
            answer = await self._do(request, caller)
        except CallRefused as refusal:
            if refusal.is_act:
                await self.note(request, caller, refusal.code, refusal.action)
            raise Refused(_problem(request, refusal)) from None
        except NoSuchUser:
            raise Refused(problem("not_found")) from None
        except UserExists:
            raise Refused(problem("user_exists")) from None
        except LastOwner:
            raise Refused(problem("last_owner")) from None
        except Outranked:
            raise Refused(problem("forbidden")) from None
        return await self.reply(request, answer)

    @abstractmethod
    def desk(self, request: web.Request) -> object:
        """Return what the operations of this table work with."""

    async def reply(self, request: web.Request, answer: object) -> web.StreamResponse:
        """Write what the operation answered; more than shapes is for those who inherit."""
        if not isinstance(answer, Shape):
            raise TypeError(f"{self.row.summary}: no answer")
        return json_reply(request, answer, self.row.status)

    async def note(
        self, request: web.Request, caller: Caller, code: str, action: Action | None = None
    ) -> None:
        """Enter a refused act in the audit log; to have read in vain is none, but of the log."""
        row = self.row
        if row.action is None:
            return
        refused = action or row.action
        entry = AuditEntry(
            refused,
            caller.actor,
            await self._target(request, caller),
            count=0,
            scope="bulk" if refused is Action.SESSION_REVOKED and not row.has_id else "single",
            reason=code,
            outcome="refused",
            details=MappingProxyType({"call": f"{row.method} {row.path}", **_named(request, row)}),
        )
        await request.app[SERVICES].desk.audit.write(entry)

    async def _do(self, request: web.Request, caller: Caller) -> object:
        row, services = self.row, request.app[SERVICES]
        caller.must_be(row.role)
        given: list[object] = []
        for name in row.ids:
            if not _ID.fullmatch(request.match_info[name]):
                raise CallRefused("not_found")
            given.append(request.match_info[name])
        if row.query is not None:
            given.append(read_query(request, row.query))
        if row.body is not None and row.body_optional and not request.body_exists:
            given.append(row.body())
        elif row.body is not None:
            given.append(await read_json(request, row.body))
            await caller.confirm()
        if row.step_up is not None:
            within = getattr(services.policy().step_up, row.step_up)
            caller.must_be_fresh(services.clock.now(), within)
        return await row.operation(self.desk(request), caller, *given)

    async def _target(self, request: web.Request, caller: Caller) -> Target:
        """Say whom it was about, as far as the address does."""
        services, row = request.app[SERVICES], self.row
        if row.target == "own":
            return Target(caller.user_id, caller.session.username)
        if row.target in ("alarm", "webhook"):
            return Target()
        text = request.match_info["id"] if row.has_id else request.query.get("userId", "")
        if row.target == "session" and is_handle(text):
            session = await services.sessions.get(Handle(text))
            if session is None:
                return Target(handle=Handle(text))
            return Target(session.user_id, session.username, session.handle)
        user = await services.directory.get(UserId(text)) if _ID.fullmatch(text) else None
        return Target(user.id, user.username) if user is not None else Target()


def _named(request: web.Request, row: ApiRoute) -> dict[str, str]:
    """Return what a refused act was about, where that is no person and no session."""
    if row.target != "webhook" or not _ID.fullmatch(request.match_info.get("id", "")):
        return {}
    return {"webhook": request.match_info["id"]}


def caller_of(request: web.Request, session: Session) -> Caller:
    confirm = partial(signed_in_session, request)
    return Caller(session, context_of(request).client_ip, confirm)


def _problem(request: web.Request, refusal: CallRefused) -> Problem:
    errors = [FieldFault(name, message) for name, message in refusal.faults.items()]
    if refusal.weak:
        sentences = request.app[SERVICES].pages.weaknesses(refusal.weak, language_asked_of(request))
        errors += [FieldFault(refusal.weak_member, sentence) for sentence in sentences]
    headers = {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(max(ceil(refusal.retry_after.total_seconds()), 1))
    return problem(
        refusal.code,
        status=refusal.status,
        errors=errors,
        headers=headers,
        members=refusal.members,
    )

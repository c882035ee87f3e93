"""`POST {mount}/api/signals/revoke`: another system of the organisation ends sessions.

Nobody is signed in here, and no cookie counts: what counts is the signature. Who cannot sign is
told no more than that. 200 is said when the sessions have ended, 503 when that could not be done,
so that the sender sends it again; the same message does nothing twice.
"""

import logging
from datetime import timedelta

import msgspec
from aiohttp import web

from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry
from sidecar.core.reasons import Ended
from sidecar.core.signals import (
    FIELDS,
    LARGEST,
    Doubt,
    Order,
    Signal,
    SignalAnswer,
    SignalBody,
    SignalSource,
    order_of,
)
from sidecar.front.context import FROM_A_SERVER, context_of
from sidecar.front.input_faults import faults_of
from sidecar.front.inputs import Refused
from sidecar.front.problem import FieldFault, Problem, invalid_input, problem
from sidecar.front.replies import json_reply
from sidecar.front.services import SERVICES
from sidecar.front.signal_room import SignalRoom

log = logging.getLogger(__name__)

NAME = f"{FROM_A_SERVER}signal"
CALL = "POST /api/signals/revoke"
SAID_AGAIN = timedelta(minutes=1)
"""A refusal of one kind is audited so often: who is nobody cannot fill the log."""
_CHALLENGE = {"WWW-Authenticate": "Signal"}
_NOBODY = "signals"
_ONE = "Give one of userId, username, email and sessionId."


async def revoke(request: web.Request) -> web.Response:
    """End the sessions that a signed message names."""
    room = request.app[SERVICES].signals
    if room is None:
        raise web.HTTPNotFound
    address = context_of(request).client_ip
    if not room.patience.has_some(address):
        raise Refused(problem("too_many_requests", headers={"Retry-After": "60"}))
    source, signal = await _proved(request, room)
    actor = Actor(ActorKind.SERVICE, source.name, "", address)
    try:
        order = _order(request, source, signal)
    except Refused as refused:
        await _note(request, actor, refused.what.code)
        raise
    ended = await room.book.end(order, actor)
    if ended is None:
        await _note(request, actor, "signal_repeated")
    log.info("signal_done", extra={"source": source.name, "ended": ended or 0})
    return json_reply(request, SignalAnswer(revoked=ended or 0, repeated=ended is None))


async def _proved(request: web.Request, room: SignalRoom) -> tuple[SignalSource, Signal]:
    """Return the message and who signed it. Raises Refused: it is nobody's, or not of now."""
    body = await _body(request, room)
    source = _source(request, room)
    signal: Signal | Doubt = Doubt.NOT_GENUINE
    if source is not None and request.content_type == source.media_type:
        now = request.app[SERVICES].clock.now()
        signal = source.read(_head(request), body, now)
    if source is not None and isinstance(signal, Signal):
        return source, signal
    name = source.name if source is not None else ""
    if signal is Doubt.UNTIMELY and source is not None:
        await _note(
            request, Actor(ActorKind.SERVICE, name, "", context_of(request).client_ip), signal
        )
        raise Refused(problem(signal))
    raise await _nobodys(request, room, problem(Doubt.NOT_GENUINE, headers=_CHALLENGE), name)


async def _body(request: web.Request, room: SignalRoom) -> bytes:
    too_large = problem("payload_too_large")
    if (request.content_length or 0) > LARGEST:
        raise await _nobodys(request, room, too_large)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise await _nobodys(request, room, too_large) from None
    if len(body) > LARGEST:
        raise await _nobodys(request, room, too_large)
    return body


def _source(request: web.Request, room: SignalRoom) -> SignalSource | None:
    """Return the source that the address names; where there is one alone, it need not."""
    named = request.query.getall("source", [])
    if not named and len(room.sources) == 1:
        return next(iter(room.sources.values()))
    return room.sources.get(named[0]) if len(named) == 1 else None


def _head(request: web.Request) -> dict[str, str]:
    """Return the fields that came once."""
    given = {name: request.headers.getall(name, []) for name in FIELDS}
    return {name: values[0] for name, values in given.items() if len(values) == 1}


def _order(request: web.Request, source: SignalSource, signal: Signal) -> Order:
    """Return what is asked for. Raises Refused: it makes no sense, or may not be asked."""
    try:
        body = msgspec.json.decode(signal.body, type=SignalBody, strict=True)
    except (ValueError, RecursionError):
        faults = faults_of(signal.body, SignalBody)
        raise Refused(invalid_input(*faults)) from None
    order = order_of(source.name, signal.message_id, body)
    if order is None:
        raise Refused(invalid_input(FieldFault("", _ONE)))
    if order.act not in source.may:
        raise Refused(problem("signal_not_allowed"))
    if not request.app[SERVICES].policy().ends_by(Ended.SIGNAL):
        raise Refused(problem("signals_off"))
    return order


async def _nobodys(
    request: web.Request, room: SignalRoom, what: Problem, source: str = ""
) -> Refused:
    """Return the refusal of what nobody has signed; its sender loses patience with us."""
    address = context_of(request).client_ip
    room.patience.lose_some(address)
    log.info("signal_refused", extra={"source": source, "why": what.code})
    await _note(request, Actor(ActorKind.SERVICE, _NOBODY, "", address), what.code, source)
    return Refused(what)


async def _note(request: web.Request, actor: Actor, code: str, source: str = "") -> None:
    entry = AuditEntry(
        Action.SESSION_REVOKED,
        actor,
        scope="bulk",
        count=0,
        reason=code,
        outcome="refused",
        details={"call": CALL, **({"note": source} if source else {})},
    )
    await request.app[SERVICES].desk.audit.write_once(entry, f"{source}\n{code}", SAID_AGAIN)

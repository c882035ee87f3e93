"""`{mount}/scim/v2/…`: the provider of an organisation keeps people up to date (SCIM 2.0).

Nobody is signed in here, and no cookie counts: what counts is a bearer token of its own, of the
settings. Answers, errors too, are SCIM's. Source: RFC 7644.
"""

import hmac
import json
import logging
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

from aiohttp import web

from sidecar.clients.scim_documents import documents
from sidecar.clients.scim_shapes import ScimRefused, write_error, write_list
from sidecar.clients.scim_users import MOST, ScimUsers
from sidecar.core.audit import Action, Actor, ActorKind, AuditEntry
from sidecar.core.given import ID_PATTERN
from sidecar.core.ports import StoreUnavailable
from sidecar.front.context import FROM_A_SERVER, context_of
from sidecar.front.scim_room import ScimRoom
from sidecar.front.services import SERVICES

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/scim+json"
ACTOR = "scim"
LARGEST = 64 * 1024
SAID_AGAIN = timedelta(minutes=1)
_ID = re.compile(ID_PATTERN)
_NUMBER = re.compile(r"-?[0-9]{1,7}")
_TYPES = frozenset({MEDIA_TYPE, "application/json"})

Answer = tuple[int, Any]
Call = Callable[[web.Request, ScimUsers, Actor], Awaitable[Answer]]


def scim_routes(mount: str) -> list[web.RouteDef]:
    """Return the routes below `mount`."""
    rows: list[tuple[str, str, Call]] = [
        ("GET", "/Users", _list),
        ("POST", "/Users", _create),
        ("GET", "/Users/{id}", _get),
        ("PUT", "/Users/{id}", _replace),
        ("PATCH", "/Users/{id}", _patch),
        ("DELETE", "/Users/{id}", _delete),
        ("GET", "/ServiceProviderConfig", _document),
        ("GET", "/{kind:Schemas|ResourceTypes}", _documents),
        ("GET", "/{kind:Schemas|ResourceTypes}/{id}", _document),
    ]
    return [
        web.RouteDef(
            method,
            f"{mount}/scim/v2{path}",
            _guarded(call),
            {"name": f"{FROM_A_SERVER}scim_{number}"},
        )
        for number, (method, path, call) in enumerate(rows)
    ]


def _guarded(call: Call) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        room = request.app[SERVICES].scim
        if room is None:
            raise web.HTTPNotFound
        address = context_of(request).client_ip
        try:
            await _proved(request, room)
            actor = Actor(ActorKind.SERVICE, ACTOR, "", address)
            status, body = await call(request, room.users, actor)
        except ScimRefused as refused:
            status = refused.status
            body = write_error(status, refused.kind, refused.detail)
        except StoreUnavailable:
            status, body = 503, write_error(503, "", "Try again shortly.")
        headers = dict(request.app[SERVICES].headers.data)
        if status == 401:
            headers["WWW-Authenticate"] = "Bearer"
        if status in (429, 503):
            headers["Retry-After"] = "60" if status == 429 else "1"
        if status == 201:
            headers["Location"] = body["meta"]["location"]
        if body is None:
            return web.Response(status=status, headers=headers)
        data = json.dumps(body).encode()
        return web.Response(status=status, body=data, content_type=MEDIA_TYPE, headers=headers)

    return answer


async def _proved(request: web.Request, room: ScimRoom) -> None:
    """Raises ScimRefused for who has no token. All are compared, each in the same time."""
    address = context_of(request).client_ip
    if not room.patience.has_some(address):
        raise ScimRefused(429, "", "Too much came from there without a token.")
    given = request.headers.getall("Authorization", [])
    scheme, _, token = given[0].partition(" ") if len(given) == 1 else ("", "", "")
    digest = sha256(token.strip().encode(errors="replace")).digest()
    matches = [hmac.compare_digest(digest, known) for known in room.hashes]
    if scheme.lower() == "bearer" and any(matches):
        return
    room.patience.lose_some(address)
    log.info("scim_refused")
    entry = AuditEntry(
        Action.USER_UPDATED,
        Actor(ActorKind.SERVICE, ACTOR, "", address),
        count=0,
        reason="token_invalid",
        outcome="refused",
        details={"call": f"{request.method} /scim/v2"},
    )
    await request.app[SERVICES].desk.audit.write_once(entry, "token_invalid", SAID_AGAIN)
    raise ScimRefused(401, "", "The bearer token is not one that is known here.")


async def _list(request: web.Request, users: ScimUsers, _: Actor) -> Answer:
    query = request.query
    start, count = _number(query.get("startIndex", "1")), _number(query.get("count", str(MOST)))
    return 200, await users.find(query.get("filter"), start, count)


async def _create(request: web.Request, users: ScimUsers, actor: Actor) -> Answer:
    return 201, await users.create(await _body(request), actor)


async def _get(request: web.Request, users: ScimUsers, _: Actor) -> Answer:
    return 200, await users.get(_id(request))


async def _replace(request: web.Request, users: ScimUsers, actor: Actor) -> Answer:
    return 200, await users.replace(_id(request), await _body(request), actor)


async def _patch(request: web.Request, users: ScimUsers, actor: Actor) -> Answer:
    return 200, await users.patch(_id(request), await _body(request), actor)


async def _delete(request: web.Request, users: ScimUsers, actor: Actor) -> Answer:
    await users.delete(_id(request), actor)
    return 204, None


async def _documents(request: web.Request, users: ScimUsers, _: Actor) -> Answer:
    found = documents(users.here)[request.match_info["kind"]]
    return 200, write_list(list(found.values()), len(found), 1)


async def _document(request: web.Request, users: ScimUsers, _: Actor) -> Answer:
    kind = request.match_info.get("kind", "ServiceProviderConfig")
    found = documents(users.here)[kind].get(request.match_info.get("id", kind))
    if found is None:
        raise ScimRefused(404, "", "There is nothing here.")
    return 200, found


def _id(request: web.Request) -> str:
    given = request.match_info["id"]
    if not _ID.fullmatch(given):
        raise ScimRefused(404, "", "Nobody of this id.")
    return given


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ScimRefused(400, "invalidValue", "startIndex and count are whole numbers.")
    return int(text)


async def _body(request: web.Request) -> object:
    if request.content_type not in _TYPES:
        raise ScimRefused(415, "", f"Send {MEDIA_TYPE}.")
    try:
        raw = await request.read()
        return json.loads(raw.decode("utf-8"))
    except web.HTTPRequestEntityTooLarge:
        raise ScimRefused(413, "", "This is more than makes sense here.") from None
    except (ValueError, RecursionError):
        raise ScimRefused(400, "invalidSyntax", "This is no JSON in UTF-8.") from None

"""`GET {mount}/openapi.json`: the API as OpenAPI 3.1, made from what validates and answers it.

The document is written when somebody first asks for it, and then kept: most workers never do.
"""

from collections.abc import Iterable, Mapping, Sequence
from inspect import cleandoc
from typing import Any

import msgspec
from aiohttp import web
from msgspec import Struct

from sidecar.account.routes import ROUTES as ACCOUNT_ROUTES
from sidecar.admin.routes import ROUTES as ADMIN_ROUTES
from sidecar.core.api_route import ApiRoute
from sidecar.core.event_shapes import ProbeMessageShape, WebhookMessageShape
from sidecar.core.given import ID_PATTERN
from sidecar.core.refusals import Refusal
from sidecar.core.token import HANDLE_PATTERN
from sidecar.core.users import Role
from sidecar.front.openapi_audit import details_schema
from sidecar.front.openapi_events import webhooks
from sidecar.front.own_calls import OWN_CALLS, OwnCall
from sidecar.front.problem import MEDIA_TYPE, problem
from sidecar.front.services import SERVICES, MountServices

Json = dict[str, Any]

_REFS = "#/components/schemas/"
_EVERYWHERE = ("store_unavailable", "internal_error")
_SIGNED_IN = ("session_missing",)
_OF_AN_ID = (
    Refusal.TARGET_CHARACTER,
    Refusal.TARGET_DOTS,
    Refusal.TARGET_ENCODING,
    Refusal.TARGET_SEPARATOR,
)
"""How a path is refused, before any route is looked for, when what stands for an id is none."""
_OF_A_HEAD = (Refusal.TARGET_TOO_LONG, Refusal.FIELDS_TOO_LARGE)
"""How any call is refused that is too large before its body begins."""
_REFUSALS = frozenset(Refusal) - {"method_not_allowed"}
_FORMS = {"application/jsonl": "One entry on each line.", "text/csv": "A heading, then entries."}
_ABOUT = (
    "Sign in with `POST /login` and send the cookie back. What changes something has to come from "
    "the origin of the product: send `Origin`, or be a page of it. Errors are problems (RFC 9457) "
    "whose `code` is stable. A 401 with `WWW-Authenticate: Session` means: sign in again. Instants "
    "are RFC 3339, in UTC, with milliseconds."
)
_PROBLEM: Json = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code", "instance", "requestId"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "requestId": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


_PAGE: Json = {
    "description": "The page.",
    "content": {"text/html": {"schema": {"type": "string"}}},
}


_OBJECT: Json = {
    "description": "The document.",
    "content": {"application/json": {"schema": {"type": "object"}}},
}


class OpenApi:
    """Serves the document."""

    def __init__(self) -> None:
        self._written: bytes | None = None

    async def serve(self, request: web.Request) -> web.Response:
        services = request.app[SERVICES]
        if self._written is None:
            self._written = msgspec.json.encode(document(services))
        return web.Response(
            body=self._written, content_type="application/json", headers=services.headers.data
        )


def document(services: MountServices) -> Json:
    """Return the whole document."""
    used: set[type[Struct]] = {WebhookMessageShape, ProbeMessageShape}
    paths: dict[str, Json] = {}
    for call in OWN_CALLS:
        used |= {kind for kind in (call.answer, call.body, call.or_body) if kind}
        paths.setdefault(call.path, {})[call.method.lower()] = _own(call)
    queries: set[type[Struct]] = set()
    for row in (*ACCOUNT_ROUTES, *ADMIN_ROUTES):
        used |= {kind for kind in (row.answer, row.body) if kind}
        queries |= {row.query} if row.query else set()
    components = _schemas(used | queries)
    for row in (*ACCOUNT_ROUTES, *ADMIN_ROUTES):
        paths.setdefault(row.path, {})[row.method.lower()] = _row(row, components)
    components["AuditEntry"]["properties"]["details"] = details_schema()
    for query in queries:  # their members are parameters
        del components[_name(query)]
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Session Sidecar",
            "version": services.desk.product.version,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": f"{services.public_url}{services.mount}"}],
        "paths": paths,
        "webhooks": webhooks(_REFS),
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {
                "cookie": {"type": "apiKey", "in": "cookie", "name": services.cookies.name}
            },
        },
    }


def _row(row: ApiRoute, components: Mapping[str, Json]) -> Json:
    by_role = row.role > Role.USER
    codes = {*row.codes, *_SIGNED_IN, *(("forbidden",) if by_role else ())}
    if row.method != "GET":
        codes.add("cross_site_request")
    if row.step_up:
        codes.add("reauth_required")
    if row.query or row.body:
        codes.add("invalid_input")
    parameters = list(_parameters(components[_name(row.query)])) if row.query else []
    if row.has_id:
        codes |= {refusal.value for refusal in _OF_AN_ID}
        pattern = HANDLE_PATTERN if row.target == "session" else ID_PATTERN
        schema = {"type": "string", "pattern": pattern}
        parameters[:0] = [
            {"name": name, "in": "path", "required": True, "schema": schema} for name in row.ids
        ]
    return {
        "operationId": row.operation.__name__,
        "summary": row.summary,
        **({"description": f"Needs the role {row.role.word} or a higher one."} if by_role else {}),
        "tags": ["admin" if by_role else "account"],
        "security": [{"cookie": []}],
        **({"parameters": parameters} if parameters else {}),
        **_body(row.body, required=not row.body_optional),
        "responses": {
            str(row.status): _file() if row.is_file else _done(row.answer),
            **_refused(codes, row.as_forbidden),
        },
    }


def _own(call: OwnCall) -> Json:
    codes = {*call.codes, *(_SIGNED_IN if call.signed_in else ())}
    codes |= {"cross_site_request"} if call.method != "GET" and not call.from_server else set()
    codes |= {"invalid_input"} if call.body else set()
    word = call.path.rpartition("/")[2].partition(".")[0]
    parameters = [_text(name, "query") for name in call.query]
    parameters += [_text(name, "header") for name in call.fields]
    return {
        "operationId": f"{call.method.lower()}_{word}",
        "summary": call.summary,
        **({"description": call.about} if call.about else {}),
        "tags": ["session"],
        **({"parameters": parameters} if parameters else {}),
        **({"security": [{"cookie": []}]} if call.signed_in else {}),
        **_body(call.body, instead=call.or_body),
        "responses": {
            str(call.status): _answered(call),
            **_refused({*codes, *call.refusals}, call.as_forbidden),
        },
    }


def _answered(call: OwnCall) -> Json:
    answer = _PAGE if call.is_page else _OBJECT if call.is_object else _done(call.answer)
    text: Json = {"schema": {"type": "string"}}
    return {**answer, **({"headers": dict.fromkeys(call.sends, text)} if call.sends else {})}


def _text(name: str, place: str) -> Json:
    return {"name": name, "in": place, "required": False, "schema": {"type": "string"}}


def _body(
    body: type[Struct] | None, *, required: bool = True, instead: type[Struct] | None = None
) -> Json:
    if body is None:
        return {}
    schema = _ref(body) if instead is None else {"anyOf": [_ref(body), _ref(instead)]}
    content = {"application/json": {"schema": schema}}
    return {"requestBody": {"required": required, "content": content}}


def _done(answer: type[Struct] | None) -> Json:
    if answer is None:
        return {"description": "Done."}
    return {"description": "Done.", "content": {"application/json": {"schema": _ref(answer)}}}


def _file() -> Json:
    return {
        "description": "The file, written while it is read.",
        "content": {
            form: {"schema": {"type": "string", "description": what}}
            for form, what in _FORMS.items()
        },
    }


def _refused(codes: Iterable[str], as_forbidden: Iterable[str] = ()) -> Json:
    """Return the problems by status, each with its codes."""
    by_status: dict[int, list[str]] = {403: [*as_forbidden]} if as_forbidden else {}
    for code in sorted({*codes, *_EVERYWHERE, *_OF_A_HEAD}):
        status = Refusal(code).status if code in _REFUSALS else problem(code).status
        by_status.setdefault(status, []).append(str(code))
    return {
        str(status): {
            "description": f"`code` is {' or '.join(f'`{code}`' for code in of_status)}.",
            "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REFS}Problem"}}},
        }
        for status, of_status in sorted(by_status.items())
    }


def _parameters(query: Json) -> Iterable[Json]:
    required: Sequence[str] = query["required"]
    for name, schema in query["properties"].items():
        yield {"name": name, "in": "query", "required": name in required, "schema": schema}


def _schemas(kinds: Iterable[type[Struct]]) -> dict[str, Json]:
    """Return the schemas of these types and of all that they consist of, by name."""
    in_order = sorted(kinds, key=lambda kind: kind.__name__)
    _, components = msgspec.json.schema_components(in_order, ref_template=f"{_REFS}{{name}}")
    named = {_short(name): _tidied(schema) for name, schema in components.items()}
    if len(named) < len(components):
        raise ValueError("two types have the same name in openapi.json")
    return named


def _tidied(schema: Any) -> Any:
    """Return the schema with the names and texts that readers see."""
    if isinstance(schema, list):
        return [_tidied(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    tidied = {key: _tidied(value) for key, value in schema.items() if key != "title"}
    if isinstance(tidied.get("$ref"), str):
        tidied["$ref"] = _short(tidied["$ref"])
    if isinstance(tidied.get("description"), str):
        tidied["description"] = cleandoc(tidied["description"])
    return tidied


def _ref(kind: type[Struct]) -> Json:
    return {"$ref": f"{_REFS}{_name(kind)}"}


def _name(kind: type[Struct]) -> str:
    return _short(kind.__name__)


def _short(name: str) -> str:
    return name.removesuffix("Shape")

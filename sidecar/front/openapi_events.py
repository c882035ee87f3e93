"""The section `webhooks` of openapi.json: each type of event with the schema of its message."""

from collections.abc import Mapping
from typing import Any

from sidecar.core.event_types import KINDS, WEBHOOK_TEST, EventKind, Presence

Json = dict[str, Any]

_HEADERS = {
    "webhook-id": "Of the message: the same however often it is sent. Ignore one you have had.",
    "webhook-timestamp": "When it was sent, in epoch seconds.",
    "webhook-signature": "`v1,` and the signature; one for each valid secret, blanks between.",
}
_ANSWERS: Json = {
    "2XX": {"description": "Taken. Nothing of the body is read."},
    "410": {"description": "No longer wanted: the endpoint is disabled."},
    "default": {"description": "Not taken, also if it redirects: it is sent again, for 3 days."},
}


def webhooks(refs: str) -> Json:
    """Return the section. refs: what the reference to a schema begins with."""
    events = {
        str(kind): _operation(str(kind), said.about, _schema(str(kind), said, refs))
        for kind, said in KINDS.items()
    }
    probe = _operation(
        WEBHOOK_TEST, "Sent once to one endpoint, when somebody asks for it.",
        {"$ref": f"{refs}ProbeMessage"},
    )  # fmt: skip
    return {**events, WEBHOOK_TEST: probe}


def _operation(name: str, about: str, schema: Json) -> Json:
    return {
        "post": {
            "operationId": f"webhook_{name.replace('.', '_')}",
            "summary": about.partition(". ")[0].rstrip("."),
            "description": about,
            "tags": ["webhook"],
            "parameters": [
                {
                    "name": header,
                    "in": "header",
                    "required": True,
                    "description": said,
                    "schema": {"type": "string"},
                }
                for header, said in _HEADERS.items()
            ],
            "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
            "responses": _ANSWERS,
        }
    }


def _schema(name: str, kind: EventKind, refs: str) -> Json:
    data: Json = {
        "user": _presence(kind.user, {"$ref": f"{refs}EventUser"}),
        "sessionId": _presence(kind.session, {"type": "string"}),
        "reason": {"enum": list(kind.reasons)} if kind.reasons else {"type": "null"},
        "actor": {"$ref": f"{refs}EventActor"},
        "details": _details(kind.details),
    }
    return {
        "allOf": [
            {"$ref": f"{refs}WebhookMessage"},
            {"properties": {"type": {"const": name}, "data": {"properties": data}}},
        ]
    }


def _presence(presence: Presence, schema: Json) -> Json:
    match presence:
        case "always":
            return schema
        case "maybe":
            return {"anyOf": [schema, {"type": "null"}]}
        case _:
            return {"type": "null"}


def _details(named: Mapping[str, str]) -> Json:
    texts = {name: {"type": "string", "description": said} for name, said in named.items()}
    return {"type": "object", "properties": texts, "additionalProperties": {"type": "string"}}

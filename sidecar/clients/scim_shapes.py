"""People as SCIM writes them, and what a provider asks to change in them.

Providers write `"False"` for false, `Replace` for replace, a value without a path or with one, and
attributes that nobody keeps here: those are passed over.
Source: RFC 7643, section 4.1; RFC 7644, sections 3.5 and 3.12; what Okta and Microsoft Entra say
they send.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sidecar.clients.scim_paths import Unreadable, read_path
from sidecar.core.instants import write_instant
from sidecar.core.users import User

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
LONGEST = 256
_MOST_OPERATIONS = 100
Json = dict[str, Any]


class ScimRefused(Exception):
    """kind: the `scimType` of the answer, or empty."""

    def __init__(self, status: int, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail


def wrong_value(name: str) -> ScimRefused:
    return ScimRefused(400, "invalidValue", f"The value of {name} cannot be used.")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of a person; None: nothing of that. An empty text takes it away."""

    user_name: str | None = None
    external_id: str | None = None
    display_name: str | None = None
    formatted: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    email: str | None = None
    active: bool | None = None

    @property
    def shown_name(self) -> str | None:
        """What people are called: as it says, or else by the parts of the name."""
        parts = [part for part in (self.given_name, self.family_name) if part]
        joined = " ".join(parts) if len(parts) == 2 else None
        return self.display_name or self.formatted or joined or self.display_name


def read_user(document: object) -> Said:
    """Return what a whole person is said to be. Raises ScimRefused."""
    if not isinstance(document, dict):
        raise ScimRefused(400, "invalidSyntax", "Send a JSON object.")
    said = Said()
    for name, value in document.items():
        said = _with(said, name.lower(), "", value)
    return said


def read_patch(document: object) -> Said:
    """Return what a list of operations comes to. Raises ScimRefused."""
    members = {k.lower(): v for k, v in document.items()} if isinstance(document, dict) else {}
    operations = members.get("operations")
    if not isinstance(operations, list) or not 0 < len(operations) <= _MOST_OPERATIONS:
        raise ScimRefused(400, "invalidSyntax", "Send a list of Operations.")
    said = Said()
    for operation in operations:
        said = _after(said, operation)
    return said


def _after(said: Said, operation: object) -> Said:
    given = {k.lower(): v for k, v in operation.items()} if isinstance(operation, dict) else {}
    verb, path, value = str(given.get("op", "")).lower(), given.get("path"), given.get("value")
    if verb not in ("add", "replace", "remove"):
        raise ScimRefused(400, "invalidSyntax", "op is one of add, replace and remove.")
    if verb == "remove":
        if not isinstance(path, str):
            raise ScimRefused(400, "noTarget", "remove needs a path.")
        return _at(said, path, None)
    if path is not None:
        return _at(said, path, value)
    if not isinstance(value, dict):
        raise wrong_value("an operation without a path")
    for name, part in value.items():
        said = _at(said, name, part)
    return said


def _at(said: Said, path: object, value: object) -> Said:
    try:
        named = read_path(path if isinstance(path, str) else "")
    except Unreadable:
        raise ScimRefused(400, "invalidPath", "A path cannot be read.") from None
    return _with(said, named.attribute, named.sub, value)


_TEXTS = {
    ("username", ""): "user_name",
    ("externalid", ""): "external_id",
    ("displayname", ""): "display_name",
    ("name", "formatted"): "formatted",
    ("name", "givenname"): "given_name",
    ("name", "familyname"): "family_name",
    ("emails", "value"): "email",
}


def _with(said: Said, attribute: str, sub: str, value: object) -> Said:
    """Return what was said with one attribute more. None takes it away."""
    if attribute == "active" and not sub:
        return replace(said, active=_truth(value))
    if attribute == "emails" and not sub:
        return replace(said, email=_address(value))
    if attribute == "name" and not sub and isinstance(value, Mapping):
        for name, part in value.items():
            said = _with(said, "name", str(name).lower(), part)
        return said
    field = _TEXTS.get((attribute, sub))
    if field is None:
        return said
    changes: dict[str, Any] = {field: _text(attribute, value)}
    return replace(said, **changes)


def _truth(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise wrong_value("active")


def _address(value: object) -> str:
    """Return the one address that is kept: the primary one, or else the first."""
    items = value if isinstance(value, list) else [value]
    found = [item for item in items if isinstance(item, Mapping)]
    if value is None or not found:
        if value in (None, [], ""):
            return ""
        raise wrong_value("emails")
    primary = [item for item in found if item.get("primary") in (True, "True", "true")]
    return _text("emails", (primary or found)[0].get("value"))


def _text(name: str, value: object) -> str:
    text = "" if value is None else value
    if not isinstance(text, str) or len(text) > LONGEST or (text and not text.isprintable()):
        raise wrong_value(name)
    return text


def write_user(user: User, here: str) -> Json:
    """Return a person as SCIM has them. here: the address of all of this."""
    shown: Json = {
        "schemas": [USER],
        "id": user.id,
        "userName": user.username,
        "active": not user.banned,
        "groups": [{"value": group, "display": group} for group in user.groups],
        "meta": {
            "resourceType": "User",
            "created": write_instant(user.created_at),
            "location": f"{here}/Users/{user.id}",
        },
    }
    if user.external_id:
        shown["externalId"] = user.external_id
    if user.display_name:
        shown |= {"displayName": user.display_name, "name": {"formatted": user.display_name}}
    if user.email:
        shown["emails"] = [{"value": user.email, "type": "work", "primary": True}]
    return shown


def write_list(items: list[Json], total: int, start: int) -> Json:
    return {
        "schemas": [LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(items),
        "Resources": items,
    }


def write_error(status: int, kind: str, detail: str) -> Json:
    said: Json = {"schemas": [ERROR], "status": str(status), "detail": detail}
    return {**said, "scimType": kind} if kind else said

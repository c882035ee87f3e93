"""What SCIM says of itself: what is supported, and of what a person consists.

Source: RFC 7643, sections 5 to 7.
"""

from typing import Any

from sidecar.clients.scim_shapes import USER, Json

_CORE = "urn:ietf:params:scim:schemas:core:2.0"


def documents(here: str) -> dict[str, dict[str, Json]]:
    """Return each kind of document by id. here: the address of all of this."""
    return {
        "ServiceProviderConfig": {"ServiceProviderConfig": _config(here)},
        "ResourceTypes": {"User": _type(here)},
        "Schemas": {USER: _schema(here)},
    }


def _config(here: str) -> Json:
    return {
        "schemas": [f"{_CORE}:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": 200},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": False},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "Bearer token",
                "description": "One of the tokens in the file that the settings name.",
            }
        ],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": f"{here}/ServiceProviderConfig",
        },
    }


def _type(here: str) -> Json:
    return {
        "schemas": [f"{_CORE}:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "schema": USER,
        "meta": {"resourceType": "ResourceType", "location": f"{here}/ResourceTypes/User"},
    }


def _schema(here: str) -> Json:
    texts = [_attribute("displayName"), _attribute("externalId", exact=True)]
    name = _attribute("userName", required=True, mutability="immutable", uniqueness="server")
    return {
        "schemas": [f"{_CORE}:Schema"],
        "id": USER,
        "name": "User",
        "attributes": [
            name,
            *texts,
            _attribute("active", kind="boolean"),
            _attribute("name", kind="complex", parts=["formatted", "givenName", "familyName"]),
            _attribute("emails", kind="complex", several=True, parts=["value"]),
            _attribute(
                "groups", kind="complex", several=True, parts=["value"], mutability="readOnly"
            ),
        ],
        "meta": {"resourceType": "Schema", "location": f"{here}/Schemas/{USER}"},
    }


def _attribute(
    name: str,
    kind: str = "string",
    *,
    several: bool = False,
    required: bool = False,
    exact: bool = False,
    mutability: str = "readWrite",
    uniqueness: str = "none",
    parts: list[str] | None = None,
) -> Json:
    written: dict[str, Any] = {
        "name": name,
        "type": kind,
        "multiValued": several,
        "required": required,
        "caseExact": exact,
        "mutability": mutability,
        "returned": "default",
        "uniqueness": uniqueness,
    }
    if parts:
        written["subAttributes"] = [_attribute(part, mutability=mutability) for part in parts]
    return written

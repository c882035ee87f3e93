"""What entries of the audit log carry, for openapi.json: the details of each action."""

from typing import Any

from sidecar.core.audit import DETAILS, REFUSED_DETAILS

Json = dict[str, Any]


def details_schema() -> Json:
    """Return the schema of an entry's `details`; `x-details` has those of each action."""
    return {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": (
            "Texts by name; which there may be depends on the action and is in `x-details`. One "
            "that does not apply is left out. An entry whose outcome is `refused` may also have "
            "those of `x-refused-details`."
        ),
        "x-details": {action.value: dict(details) for action, details in DETAILS.items()},
        "x-refused-details": dict(REFUSED_DETAILS),
    }

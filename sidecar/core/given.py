"""What every query and body of our API has in common.

Types are exact, and a member that nobody knows is refused: a filter or a change with a slip in its
name must not look done.
"""

from typing import Annotated

from msgspec import Meta, Struct

END = r"$(?!\n)"
"""Where a text ends: `$` alone also matches before a line end that follows."""
ID_PATTERN = f"^[A-Za-z0-9_-]{{1,64}}{END}"
DEEPEST = 1_000_000

Limit = Annotated[int, Meta(ge=1, le=200, description="How many items at most.")]
Offset = Annotated[int, Meta(ge=0, le=DEEPEST, description="How many items to pass over.")]
NewPassword = Annotated[
    str, Meta(min_length=1, extra_json_schema={"format": "password", "writeOnly": True})
]
CurrentPassword = NewPassword


class Given(Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """One query or one body. Its `repr` shows nothing of what was sent, which may be a secret."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Paged(Given, frozen=True):
    limit: Limit = 50
    offset: Offset = 0

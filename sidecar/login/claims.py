"""What the claims of a provider say of a person, by the names that the settings give them.

Names, addresses and groups go into header fields, lists and logs. What could be read as something
else there is no name: then nobody is signed in, rather than somebody else (case S-11). A group that
cannot be passed on is left out: belonging to it would be belonging to another.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sidecar.core.users import Role, name_fault
from sidecar.login.provider import NotProven, Person

MOST_GROUPS = 500
_LONGEST = 256


@dataclass(frozen=True, slots=True)
class ClaimNames:
    """groups: none, the provider says nothing of them. roles: the groups that have one."""

    username: str = "preferred_username"
    email: str = "email"
    display_name: str = "name"
    groups: str | None = None
    roles: Mapping[Role, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


def person_of(claims: Mapping[str, Any], names: ClaimNames) -> Person | NotProven:
    """Return who it is, or a word for why that cannot be said."""
    verified = claims.get("email_verified") is True
    username = claims.get(names.username)
    if not isinstance(username, str):
        return NotProven("username_missing")
    if names.username == "email" and not verified:
        return NotProven("email_unverified")
    username = username.strip()
    if name_fault(username) is not None:
        return NotProven("username")
    email = _text(claims.get(names.email))
    if names.email == "email" and claims.get("email_verified", True) is not True:
        email = None
    groups = None if names.groups is None else groups_of(claims.get(names.groups))
    return Person(
        username=username,
        email=email,
        display_name=_text(claims.get(names.display_name)),
        groups=groups,
        role=None if groups is None or not names.roles else role_of(groups, names.roles),
    )


def groups_of(value: object) -> tuple[str, ...]:
    """Return the groups, each once. A text is one group; no claim is no group."""
    listed = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    named = (item.strip() for item in listed if isinstance(item, str))
    usable = (name for name in named if name and _is_plain(name) and "," not in name)
    return tuple(dict.fromkeys(usable))[:MOST_GROUPS]


def role_of(groups: tuple[str, ...], roles: Mapping[Role, tuple[str, ...]]) -> Role:
    """Return the highest role that one of the groups has."""
    given = (role for role, of_role in roles.items() if not set(groups).isdisjoint(of_role))
    return max(given, default=Role.USER)


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and _is_plain(value) else None


def _is_plain(value: str) -> bool:
    return len(value) <= _LONGEST and value.isprintable()

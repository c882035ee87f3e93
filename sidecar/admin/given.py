"""What the admin API is given: queries and bodies. What no type can say, `checks.py` does."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from sidecar.core.alarms import AlarmState
from sidecar.core.audit import Action
from sidecar.core.event_types import EventType
from sidecar.core.given import END, ID_PATTERN, Given, Limit, NewPassword, Paged
from sidecar.core.network_text import NETWORK_PATTERN
from sidecar.core.session import Kind
from sidecar.core.shapes import RoleWord
from sidecar.core.token import HANDLE_PATTERN
from sidecar.core.users import LONGEST_NAME, Status

_STREAM_ID = "[0-9]{1,15}-[0-9]{1,19}-[0-9]{2}"
CURSOR_PATTERN = rf"^p?{_STREAM_ID}(\.{_STREAM_ID})*{END}"
EVENT_PATTERN = f"^(latest|{_STREAM_ID}){END}"
UserIdText = Annotated[str, Meta(pattern=ID_PATTERN, description="The id of a person.")]
CursorText = Annotated[
    str, Meta(pattern=CURSOR_PATTERN, description="As the page before gave it in `nextCursor`.")
]
Prefix = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=LONGEST_NAME,
        pattern=r"\S",  # blanks alone would narrow nothing
        description="How the username begins.",
    ),
]
ActorText = Annotated[
    str,
    Meta(min_length=1, max_length=LONGEST_NAME, description="Who did it: an id or a username."),
]
AddressText = Annotated[
    str,
    Meta(
        # Checked by hand, with words that people understand.
        extra_json_schema={"pattern": NETWORK_PATTERN},
        description="An IPv4 or IPv6 address, or a network in CIDR notation.",
        examples=["203.0.113.9", "2001:db8::/32"],
    ),
]
InstantGiven = Annotated[
    str, Meta(max_length=64, extra_json_schema={"format": "date-time"}, description="RFC 3339.")
]
Picked = Annotated[
    tuple[Annotated[str, Meta(pattern=HANDLE_PATTERN)], ...],
    Meta(
        min_length=1, max_length=200, description="Ids of sessions; those that are over count not."
    ),
]
AlarmKind = Annotated[
    Literal[
        "ip_spread",
        "failed_logins",
        "lockout",
        "dead_token",
        "session_shift",
        "impossible_travel",
        "cap_reached",
        "mass_revocation",
        "store_degraded",
        "audit_unsealed",
        "webhook_failing",
        "policy_reload_failed",
    ],
    Meta(description="What an alarm is of."),
]
Note = Annotated[str, Meta(max_length=500, description="Why, for the audit log.")]
Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
Text = Annotated[str, Meta(max_length=256)]
Group = Annotated[str, Meta(min_length=1, max_length=128)]
Groups = Annotated[tuple[Group, ...], Meta(max_length=64)]
Sort = Annotated[
    str,
    Meta(
        # A `+` that was not encoded arrives as a blank.
        pattern=f"^[-+ ]?(createdAt|lastActiveAt|expiresAt|username){END}",
        description="createdAt, lastActiveAt, expiresAt or username; `-` before it: descending.",
        examples=["-lastActiveAt"],
    ),
]


class SessionsQuery(Paged, frozen=True):
    """user_id, q, ip, kind: each that is given narrows."""

    user_id: UserIdText | UnsetType = UNSET
    q: Prefix | UnsetType = UNSET
    ip: AddressText | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    sort: Sort = "-createdAt"


class EndedQuery(Paged, frozen=True):
    user_id: UserIdText | UnsetType = UNSET


class OfUserQuery(Given, frozen=True):
    user_id: UserIdText


class RevokeBody(Given, frozen=True):
    """Which sessions to end: those that match, of which the caller has seen `expected_count`, those
    picked one by one, or everyone's. tolerance: by how much the count may have moved since."""

    ids: Picked | UnsetType = UNSET
    user_id: UserIdText | UnsetType = UNSET
    q: Prefix | UnsetType = UNSET
    ip: AddressText | UnsetType = UNSET
    kind: Kind | UnsetType = UNSET
    everyone: bool = False
    expected_count: Annotated[int, Meta(ge=0)] | UnsetType = UNSET
    tolerance: Annotated[int, Meta(ge=0)] = 0
    include_current: bool = False
    reason: Note = ""


class UsersQuery(Paged, frozen=True):
    q: Prefix | UnsetType = UNSET
    role: RoleWord | UnsetType = UNSET
    status: Status | UnsetType = UNSET


class NewUserBody(Given, frozen=True):
    username: Name
    password: NewPassword
    role: RoleWord
    email: Text = ""
    display_name: Text = ""
    groups: Groups = ()


class UserChangeBody(Given, frozen=True):
    """What is left out stays as it is; an empty text or list clears it."""

    role: RoleWord | UnsetType = UNSET
    display_name: Text | UnsetType = UNSET
    email: Text | UnsetType = UNSET
    groups: Groups | UnsetType = UNSET


class BanBody(Given, frozen=True):
    """until: when the ban lapses by itself; left out, it lasts until it is lifted."""

    reason: Annotated[str, Meta(min_length=1, max_length=500)]
    until: InstantGiven | UnsetType = UNSET


class PasswordBody(Given, frozen=True):
    """must_change: the person has to set another one before a session opens."""

    new: NewPassword
    must_change: bool = False


class AuditFilter(Given, frozen=True):
    """user_id: target or actor."""

    actor: ActorText | UnsetType = UNSET
    user_id: UserIdText | UnsetType = UNSET
    action: Action | UnsetType = UNSET
    since: InstantGiven | UnsetType = field(default=UNSET, name="from")
    until: InstantGiven | UnsetType = field(default=UNSET, name="to")


class AuditQueryGiven(AuditFilter, frozen=True):
    limit: Limit = 50
    cursor: CursorText | UnsetType = UNSET


class ExportQuery(AuditFilter, frozen=True, kw_only=True):
    format: Literal["jsonl", "csv"]


_EVENT = "|".join(kind.value.replace(".", r"\.") for kind in EventType)
_EVENTS = rf"^({_EVENT})(,({_EVENT}))*{END}"


class EventsQuery(Given, frozen=True):
    """after: the id of the last event that is known, or `latest`. types: separated by commas."""

    after: Annotated[str, Meta(pattern=EVENT_PATTERN)] | UnsetType = UNSET
    types: Annotated[str, Meta(pattern=_EVENTS, max_length=1024)] | UnsetType = UNSET
    limit: Limit = 50


class AlarmsQuery(Paged, frozen=True):
    """kind, state, user_id: each that is given narrows."""

    kind: AlarmKind | UnsetType = UNSET
    state: AlarmState | UnsetType = UNSET
    user_id: UserIdText | UnsetType = UNSET


class AcknowledgeBody(Given, frozen=True):
    """note: what is being done about it."""

    note: Note = ""

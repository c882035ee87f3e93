"""What it takes to open a session, and what may come of it."""

from dataclasses import dataclass, field
from datetime import datetime

from sidecar.core.audit import Actor
from sidecar.core.known_device import DeviceMarks
from sidecar.core.provided import ProviderSession
from sidecar.core.session import Device, Handle, Kind, Session
from sidecar.core.token import Token
from sidecar.core.users import User

PASSWORD_ALONE = "password"
"""The `authMethod` of who proved nothing else; with a second factor follows `+` and its name."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Who wants a session, from where. The password or the provider has already agreed.

    replaces: the session of the cookie that came with the sign-in; it ends in the same step, so
    that a planted session never becomes a signed-in one. end_first: one of the person's own
    sessions to end in the same step, chosen by them at the cap. marks: by what a person's device is
    known again; None for what is on none. provider: the session at a provider that this one is
    opened from. authenticated_at: when the person proved who they are, if not now.
    """

    user: User
    actor: Actor
    ip_address: str
    user_agent: str
    device: Device = Device()
    kind: Kind = Kind.BROWSER
    auth_method: str = PASSWORD_ALONE
    replaces: Handle | None = None
    end_first: Handle | None = None
    marks: DeviceMarks | None = None
    provider: ProviderSession | None = None
    authenticated_at: datetime | None = None

    @property
    def by_password(self) -> bool:
        return self.auth_method.partition("+")[0] == PASSWORD_ALONE


@dataclass(frozen=True, slots=True)
class Opened:
    """The new session and the only copy of its token there will ever be. new_device: the person
    knew the device under none of its marks."""

    session: Session
    token: Token = field(repr=False)
    new_device: bool = False


@dataclass(frozen=True, slots=True)
class AtLimit:
    """Refused: the person already has as many live sessions as the policy allows."""

    sessions: tuple[Session, ...]


@dataclass(frozen=True, slots=True)
class Banned:
    """Refused: banned between the password check and the opening, or before."""


@dataclass(frozen=True, slots=True)
class ProviderEnded:
    """Refused: the provider has ended its session between its answer and the opening."""


OpenResult = Opened | AtLimit | Banned | ProviderEnded

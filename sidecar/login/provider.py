"""What an identity provider is to the rest of the house, whatever it speaks: values and a port."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sidecar.core.provided import Account, ProviderSession
from sidecar.core.users import Role


class ProviderUnavailable(Exception):
    """The provider did not answer in time, or with nothing that can be used. Never means "no"."""


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as the provider says it. None: it does not say, and nothing changes here.
    role: None, the provider gives none."""

    username: str
    email: str | None = None
    display_name: str | None = None
    groups: tuple[str, ...] | None = None
    role: Role | None = None


@dataclass(frozen=True, slots=True)
class Proven:
    """They proved to the provider who they are. authenticated_at: when, if it says so."""

    person: Person
    session: ProviderSession
    authenticated_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody in a directory. subject: what their account stays the same by."""

    dn: str
    subject: str
    person: Person = field(repr=False)


@dataclass(frozen=True, slots=True)
class NotProven:
    """why: one word for the log; people are told nothing but that it did not work."""

    why: str


@dataclass(frozen=True, slots=True)
class LogoutOrder:
    """The provider says that a session of its is over, or with an empty `idp_sid` all of the
    account's until `issued_at`. once: what an order that is sent again has in common with it."""

    account: Account
    idp_sid: str
    issued_at: datetime
    once: str


@dataclass(frozen=True, slots=True)
class Flow:
    """One sign-in that is under way: what only this browser and we know. fresh: they have to prove
    who they are anew."""

    state: str
    nonce: str
    verifier: str
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Returned:
    """What the browser brought back from the provider. issuer: None if the provider names none."""

    code: str
    issuer: str | None = None


class Admits(Protocol):
    """Whom a provider lets in. method: the `authMethod` of sessions that are opened by it."""

    name: str
    method: str
    create_users: bool
    link_existing: bool
    required_groups: tuple[str, ...]


class Provider(Admits, Protocol):
    """One provider that browsers are sent to. Every method raises ProviderUnavailable."""

    label: str
    default: bool
    auto: bool

    async def begin(self, flow: Flow) -> str:
        """Return the address at the provider to send the browser to."""
        ...

    async def finish(self, returned: Returned, flow: Flow) -> Proven | NotProven:
        """Say who has proved there who they are."""
        ...

    async def read_logout(self, token: str) -> LogoutOrder | NotProven:
        """Say what a logout token orders, if it is one of the provider's for us."""
        ...

    async def sign_out_address(self) -> str | None:
        """Return where at the provider to sign out; None: people stay here."""
        ...

"""What our own pages and API need from the rest of the house, as one typed value.

The composition root fills it in; the handlers take it from the application under one key.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from aiohttp import web

from sidecar.account.desk import AccountDesk
from sidecar.admin.desk import Desk
from sidecar.core.agents import Agents
from sidecar.core.directory import Directory
from sidecar.core.factors import FactorBook
from sidecar.core.notices import Notices
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, LiveWatch, Sessions, Throttle
from sidecar.core.token import Credential
from sidecar.core.verdict import NOWHERE, Verdict, Whence
from sidecar.front.cookie import CookieWriter
from sidecar.front.live_feed import LiveFeed
from sidecar.front.live_socket import LiveRoom, LookAgain
from sidecar.front.own_headers import OwnHeaders
from sidecar.front.provider_room import ProviderRoom
from sidecar.front.scim_room import ScimRoom
from sidecar.front.signal_room import SignalRoom
from sidecar.login.assets import Assets, load_assets
from sidecar.login.directories import Directories
from sidecar.login.enrolment import EnrolmentSteps
from sidecar.login.entering import Entering
from sidecar.login.hashing import Hashing
from sidecar.login.pages import Pages
from sidecar.login.reset_steps import ResetSteps
from sidecar.login.second_factor import SecondSteps
from sidecar.login.steps import SignInSteps
from sidecar.login.texts import load_catalogue

PublicKeys = Callable[[], Sequence[Mapping[str, str]]]
CountLogin = Callable[[str], None]
"""Counts a sign-in by its result: the label of `sidecar_logins_total`."""


class SignedInCheck(Protocol):
    """`gate.signed_in`: who holds this credential now, whatever the routes say."""

    def __call__(
        self,
        credential: Credential | None,
        *,
        forged: bool = False,
        whence: Whence = NOWHERE,
        active: bool = False,
    ) -> Awaitable[Verdict]: ...


def _nothing(result: str) -> None:
    """Counts nowhere."""


@dataclass(frozen=True)
class MountServices:
    """public_url: an origin without a final slash. mount: the path below which all of this lives.
    account_path: of the application, where people look after their sign-in too.
    policy: returns the one in force now. public_keys: the JWKs that verify assertions. live: says
    when a session ends. providers: of identity; signals: who may send any; scim: who keeps people
    up to date; None where there are none. directories: that prove the passwords of those who have
    none here."""

    public_url: str
    mount: str
    directory: Directory
    throttle: Throttle
    sessions: Sessions
    clock: Clock
    hashing: Hashing
    signed_in: SignedInCheck
    policy: Callable[[], Policy]
    desk: Desk
    public_keys: PublicKeys
    live: LiveWatch
    notices: Notices
    agents: Agents
    factors: FactorBook
    look_again: LookAgain
    count_login: CountLogin = _nothing
    account_path: str | None = None
    providers: ProviderRoom | None = None
    signals: SignalRoom | None = None
    scim: ScimRoom | None = None
    directories: Directories | None = None
    cookies: CookieWriter = field(init=False)
    headers: OwnHeaders = field(init=False)
    assets: Assets = field(init=False)
    pages: Pages = field(init=False)
    live_room: LiveRoom = field(init=False)
    steps: SignInSteps = field(init=False)
    second: SecondSteps = field(init=False)
    account: AccountDesk = field(init=False)
    reset_steps: ResetSteps = field(init=False)

    def __post_init__(self) -> None:
        cookies = CookieWriter(self.public_url)
        assets = load_assets(self.mount)
        issuer = self.public_url.partition("://")[2]
        enrolment = EnrolmentSteps(self.factors, self.clock, issuer)
        second = SecondSteps(
            self.directory,
            self.throttle,
            self.factors,
            enrolment,
            Entering(self.sessions),
            self.clock,
        )
        steps = SignInSteps(
            self.directory,
            self.throttle,
            self.sessions,
            self.hashing,
            self.clock,
            second,
            self.directories,
        )
        made = {
            "cookies": cookies,
            "headers": OwnHeaders(secure=cookies.secure),
            "assets": assets,
            "pages": Pages(
                self.public_url,
                self.mount,
                assets,
                load_catalogue(),
                self.providers.offered if self.providers is not None else (),
            ),
            "live_room": LiveRoom(
                self.live, self.look_again, self.clock, self.policy, LiveFeed(self.desk.events)
            ),
            "steps": steps,
            "second": second,
            "account": AccountDesk(
                self.sessions,
                self.directory,
                self.notices,
                steps,
                self.hashing,
                self.policy,
                self.public_url,
                self.mount,
                self.agents,
                self.factors,
                enrolment,
                self.clock,
            ),
            "reset_steps": ResetSteps(self.directory, self.hashing),
        }
        for name, value in made.items():
            object.__setattr__(self, name, value)


SERVICES = web.AppKey("services", MountServices)

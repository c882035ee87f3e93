"""Signing in by an identity provider, once it has said who somebody is; over the ports, no HTTP.

    whose account → may they → a place at the brakes → ban → what the provider says of them
                  → the last step of every sign-in (`entering.py`)

An account at a provider is somebody's here by its issuer and subject. A name is not enough: whoever
can choose theirs at the provider would be whom they like here. So one that is taken is refused,
unless the settings say that names there and here are the same people's.
"""

import logging
from dataclasses import dataclass, replace

from sidecar.core.audit import Actor, ActorKind
from sidecar.core.directory import Directory
from sidecar.core.opening import ProviderEnded
from sidecar.core.people import PersonChange
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock, LastOwner, NoSuchUser, StoreUnavailable, Throttle, UserExists
from sidecar.core.proof import Locked
from sidecar.core.provided import ProviderBook
from sidecar.core.users import Role, User
from sidecar.login.entering import CapReached, Entering, IsBanned, OpenedBy, SignedIn, Visit
from sidecar.login.provider import Admits, Person, Proven

log = logging.getLogger(__name__)

METHOD = "oidc"


@dataclass(frozen=True, slots=True)
class NotAdmitted:
    """They proved who they are, and may not in. why: the reason in the audit log."""

    why: str


ProviderResult = SignedIn | IsBanned | Locked | CapReached | NotAdmitted | ProviderEnded


class ProviderSteps:
    """Raises StoreUnavailable."""

    def __init__(
        self,
        directory: Directory,
        throttle: Throttle,
        book: ProviderBook,
        entering: Entering,
        clock: Clock,
    ) -> None:
        self._directory = directory
        self._throttle = throttle
        self._book = book
        self._entering = entering
        self._clock = clock

    async def sign_in(
        self, provider: Admits, proven: Proven, visit: Visit, policy: Policy
    ) -> ProviderResult:
        """Open a session for whoever it is."""
        person = proven.person
        if provider.required_groups and set(provider.required_groups).isdisjoint(
            person.groups or ()
        ):
            return await self._refused(provider, person, visit, "group_required")
        user = await self._whose(proven)
        name = user.username if user is not None else person.username
        attempt = await self._throttle.begin(name, visit.ip_address, method=provider.method)
        if attempt.locked:
            return Locked(attempt.retry_after)
        try:
            admitted = user or await self._admit(provider, proven)
        except StoreUnavailable:
            await self._throttle.given_up(attempt)
            raise
        if isinstance(admitted, str):
            await self._throttle.given_up(attempt)
            return await self._refused(provider, person, visit, admitted)
        user = admitted
        actor = Actor(ActorKind.USER, user.id, user.username, visit.ip_address)
        if user.is_banned(self._clock.now()):
            await self._throttle.failed(attempt, user.id, actor, "banned")
            return IsBanned()
        await self._throttle.succeeded(attempt)
        by_provider = Actor(ActorKind.PROVIDER, provider.name)
        try:
            user = await self._kept_up(user, person, by_provider)
        except NoSuchUser:  # deleted at this moment
            return NotAdmitted("no_account")
        by = OpenedBy(provider.method, proven.session, proven.authenticated_at)
        return await self._entering.enter(user, actor, visit, policy, by)

    async def _whose(self, proven: Proven) -> User | None:
        found = await self._book.linked(proven.session.account)
        return None if found is None else await self._directory.get(found)

    async def _admit(self, provider: Admits, proven: Proven) -> User | str:
        """Return the person that the account is from now on, or why it is nobody's."""
        person, account = proven.person, proven.session.account
        actor = Actor(ActorKind.PROVIDER, provider.name)
        known = await self._directory.find(person.username)
        if known is not None:
            if not provider.link_existing:
                return "name_taken"
            linked = await self._book.link(known.user.id, account, actor)
            return known.user if linked else "name_taken"
        if not provider.create_users:
            return "no_account"
        try:
            return await self._directory.add(
                person.username,
                "",
                person.role or Role.USER,
                actor,
                highest=Role.OWNER,
                email=person.email or "",
                display_name=person.display_name or "",
                groups=person.groups or (),
                account=account,
            )
        except UserExists:  # another tab was first, or somebody else
            return await self._whose(proven) or "name_taken"

    async def _kept_up(self, user: User, person: Person, actor: Actor) -> User:
        """Return the person as the provider says they are now. A lower role or a group less ends
        what they have open. Raises NoSuchUser."""
        change = PersonChange(person.role, person.display_name, person.email, person.groups)
        try:
            return await self._directory.change(user.id, change, actor, highest=Role.OWNER)
        except LastOwner:
            log.warning("last_owner_kept", extra={"user_id": user.id, "provider": actor.id})
            same = replace(change, role=None)
            return await self._directory.change(user.id, same, actor, highest=Role.OWNER)

    async def _refused(
        self, provider: Admits, person: Person, visit: Visit, why: str
    ) -> NotAdmitted:
        actor = Actor(ActorKind.USER, ip_address=visit.ip_address)
        await self._book.refused(actor, person.username, provider.method, why)
        return NotAdmitted(why)

"""Who people are at an identity provider, and the port to what the store keeps of it.

An account at a provider is its issuer and subject, and nothing else: names and addresses may be
given to somebody else there (OpenID Connect Core, section 5.7). A session of ours that was opened
from a provider's remembers both, so that the provider can end it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Protocol

from sidecar.core.audit import Actor
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle
from sidecar.core.users import UserId


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a provider. Never compared by anything else."""

    issuer: str
    subject: str

    @property
    def issuer_digest(self) -> str:
        return _digest("issuer", self.issuer)

    @property
    def digest(self) -> str:
        """What stands for it in names of keys: neither its length nor its letters matter there."""
        return _digest("subject", self.issuer, self.subject)


@dataclass(frozen=True, slots=True)
class ProviderSession:
    """The session at a provider that one of ours is opened from.

    provider: its name in the settings. idp_sid: empty if the provider does not say. issued_at: when
    it said so, by its own clock.
    """

    provider: str
    account: Account
    issued_at: datetime
    idp_sid: str = ""

    @property
    def digests(self) -> tuple[str, ...]:
        """By what our session is found again: by the account, and by the provider's session."""
        if not self.idp_sid:
            return (self.account.digest,)
        return (self.account.digest, digest_of_session(self.account.issuer, self.idp_sid))


def digest_of_session(issuer: str, idp_sid: str) -> str:
    return _digest("session", issuer, idp_sid)


def _digest(*parts: str) -> str:
    return sha256("\n".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()[:32]


class ProviderBook(Protocol):
    """What is kept of providers. Every method raises StoreUnavailable when the store is silent."""

    async def linked(self, account: Account) -> UserId | None:
        """Return whose account it is here."""
        ...

    async def link(self, user_id: UserId, account: Account, actor: Actor) -> bool:
        """Make it theirs. False: they have another one of that provider already."""
        ...

    async def of_session(self, handle: Handle) -> ProviderSession | None:
        """Return the provider's session that a live one of ours was opened from."""
        ...

    async def signed_in(self, provider: str) -> Sequence[Account]:
        """Return the accounts that live sessions were opened from, by the name of the provider."""
        ...

    async def end(
        self,
        account: Account,
        idp_sid: str,
        issued_at: datetime,
        actor: Actor,
        reason: Ended = Ended.PROVIDER_LOGOUT,
    ) -> int:
        """End what was opened from the provider's session; return how many sessions.

        idp_sid: empty for all of the account that the provider spoke of until then. One that is
        being opened from it at this moment will be refused.
        """
        ...

    async def refused(self, actor: Actor, username: str, method: str, reason: str) -> None:
        """Audit that a sign-in by a provider was refused: once a minute for each client and reason,
        so that nobody fills the log."""
        ...

    async def claim(self, what: str, lasts: timedelta) -> bool:
        """Say whether nobody has claimed this before, within `lasts` of it."""
        ...

    async def keep(self, what: str, lasts: timedelta) -> None:
        """Let a claim last for so long from now."""
        ...

    async def release(self, what: str) -> None:
        """Let it be claimed again."""
        ...

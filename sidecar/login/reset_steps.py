"""Setting a new password with a link; over the ports, no HTTP.

The order is the security argument:

    size check → whose link → rules → not the one that must be changed → hash
               → use the link up and set the password, in one step

A link that is used, replaced, expired or made up is answered alike, before anything is computed
from the password (cases S-79, S-85, S-86).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sidecar.core.directory import Directory
from sidecar.core.passwords import WeakBecause, Weakness, is_too_long_to_read, weaknesses_of
from sidecar.core.policy import PasswordPolicy
from sidecar.core.proof import TooLarge
from sidecar.core.users import User
from sidecar.login.hashing import Hashing


@dataclass(frozen=True, slots=True)
class PasswordSet:
    """It holds from now on; every session of the person has ended."""

    user: User


@dataclass(frozen=True, slots=True)
class LinkInvalid:
    """The link is of no use, whatever the reason."""


@dataclass(frozen=True, slots=True)
class Weak:
    """The link is good and stays so; the password may not be set."""

    weaknesses: tuple[Weakness, ...]


ResetResult = PasswordSet | LinkInvalid | Weak | TooLarge


class ResetSteps:
    """Raises StoreUnavailable and HashingBusy, which mean 503; the link stays good then."""

    def __init__(self, directory: Directory, hashing: Hashing) -> None:
        self._directory = directory
        self._hashing = hashing

    async def finish(
        self,
        token: str,
        password: str,
        ip_address: str,
        policy: PasswordPolicy,
        context_words: Iterable[str] = (),
    ) -> ResetResult:
        """Set the password of whose link it is. context_words: what else it must not be about."""
        if is_too_long_to_read(password):
            return TooLarge()
        user = await self._directory.resetting(token)
        if user is None:
            return LinkInvalid()
        about = [word for word in (user.username, user.email, *context_words) if word]
        weaknesses = weaknesses_of(password, policy, about)
        if weaknesses:
            return Weak(tuple(weaknesses))
        if user.must_change_password and await self._is_current(user, password):
            return Weak((Weakness(WeakBecause.SAME),))
        hashed = await self._hashing.hash_password(password)
        changed = await self._directory.finish_reset(token, hashed, ip_address)
        return PasswordSet(changed) if changed is not None else LinkInvalid()

    async def _is_current(self, user: User, password: str) -> bool:
        known = await self._directory.find(user.username)
        stored = known.password_hash if known is not None else None
        return await self._hashing.verify_password(stored, password)

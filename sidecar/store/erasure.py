"""Erasing a person: the part of `Users` that takes away who somebody is, and leaves that they were.

The audit log refers to people by id and cannot change, so it is the directory that forgets: name,
display name, e-mail, groups, password, devices, notices, and of their ended sessions the address
and the device. The id stays, with a name that says nothing. One who was deleted before loses the
last name that was kept.
"""

from collections.abc import Iterator
from hashlib import sha256
from itertools import count, islice

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.reasons import Ended
from sidecar.core.users import Role, User, UserId
from sidecar.store import scripts
from sidecar.store.keys import Keys
from sidecar.store.people import decode_user
from sidecar.store.user_acts import UserActs

_NAMES = 100


class Erasure:
    """Raises StoreUnavailable when Redis did not answer."""

    def __init__(self, keys: Keys, acts: UserActs) -> None:
        self._names = keys
        self._erases = acts

    async def erase(self, user_id: UserId, actor: Actor, *, highest: Role) -> User | None:
        """Erase a person and end their sessions; return who is left, None if they were deleted
        before. Raises NoSuchUser, Outranked, LastOwner."""
        entry = AuditEntry(Action.USER_ERASED, actor, Target(user_id))
        for name in islice(_pseudonyms(user_id, self._names), _NAMES):
            stored = await self._erases.run(
                scripts.USER_ERASE,
                user_id,
                entry,
                {"name": name},
                highest=highest,
                ends=Ended.USER_DELETED,
                becomes=lambda _: None,
            )
            if stored is not None:
                return decode_user(user_id, stored).user if stored else None
        raise RuntimeError("every name for somebody who was erased is taken")


def _pseudonyms(user_id: UserId, keys: Keys) -> Iterator[str]:
    """Yield names that say nothing, in the partition of the person, as every name of theirs."""
    wanted = keys.partition_of_user(user_id)
    for number in count():
        name = f"erased-{sha256(f'{user_id}.{number}'.encode()).hexdigest()[:8]}"
        if keys.partition_of_name(name) == wanted:
            yield name

"""Sessions in Redis, written: one method for each script. `session_index.py` has the reads.

What a session is and when it ends is decided in `core/`; who may ask for what, above. This file
only knows how it is kept. `lifecycle.py` is its only caller.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sidecar.core.audit import Action, Actor, AuditEntry, Target
from sidecar.core.known_device import DeviceMarks
from sidecar.core.opening import PASSWORD_ALONE, ProviderEnded
from sidecar.core.policy import Policy
from sidecar.core.ports import StoreUnavailable
from sidecar.core.provided import ProviderSession
from sidecar.core.reasons import Ended
from sidecar.core.session import Handle, Session
from sidecar.core.users import Role, User, UserId
from sidecar.store import scripts
from sidecar.store.audit import entry_fields
from sidecar.store.codec import decode, dump, encode, from_ms, hash_text, span_ms, to_ms
from sidecar.store.database import Database
from sidecar.store.opening_entries import entries_of
from sidecar.store.people import decode_user
from sidecar.store.provider_records import provider_fields
from sidecar.store.seen_from import seen_from

TOMBSTONE_LEAST = timedelta(hours=1)
"""How long a tombstone stays at least: whoever comes back is told why, also after the last hour."""


class OpenedAt(NamedTuple):
    """ended: the reason of each session that ended in the same step. new_device: it is on one that
    was given its fresh mark."""

    created_at: datetime
    ended: tuple[Ended, ...]
    new_device: bool = False


class Refused(NamedTuple):
    """The person already has as many as may be."""

    sessions: tuple[Session, ...]


class Outdated(NamedTuple):
    """The password was set anew after it was checked."""


class RoleChanged(NamedTuple):
    """The person's role is not what the opening says."""

    user: User


class EndedNow(NamedTuple):
    """session: what a call ended; expired: what it found over a limit, and ended as such, and the
    agents that ended with either."""

    session: Session | None
    expired: tuple[Ended, ...]


class Touch(NamedTuple):
    """A use of a session. address: the client's; empty: that of its creation; `?`: not known.
    addresses: all that are new since it was noted last. shift: the client's address and User-Agent
    if both are others than at its creation."""

    instant: int
    session_class: str
    address: str
    addresses: tuple[str, ...] = ()
    shift: tuple[str, str] | None = None


class EndedAll(NamedTuple):
    ended: int
    expired: tuple[Ended, ...]


def limits_of_roles(policy: Policy) -> list[list[int]]:
    """Return {idle timeout, absolute lifetime} for each role, as the scripts take them."""
    limits = [policy.limits_for(role) for role in Role]
    return [[span_ms(limit.idle_timeout), span_ms(limit.absolute_lifetime)] for limit in limits]


class SessionStore:
    """Every method raises StoreUnavailable when Redis did not answer."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._keys = database.keys

    async def open(
        self,
        session: Session,
        policy: Policy,
        actor: Actor,
        *,
        password_number: int | None,
        replaces: Handle | None,
        end_first: Handle | None,
        marks: DeviceMarks | None = None,
        provider: ProviderSession | None = None,
    ) -> OpenedAt | Refused | RoleChanged | Outdated | ProviderEnded | None:
        """Store a new session. None: the person is banned, or no longer there.

        password_number: of the password that was checked; None when none was. marks: by what the
        device is known; None for what is on none.
        """
        given = {
            "handle": session.handle,
            "user": session.user_id,
            "role": int(session.role),
            "password": password_number,
            "alone": session.auth_method == PASSWORD_ALONE or None,
            "cap": policy.limits_for(session.role).max_per_user,
            "evict": policy.session.at_limit == "evict_oldest" or session.role is Role.OWNER,
            "replaces": replaces,
            "end_first": end_first,
            **entries_of(session, actor),
            "device": seen_from(session, marks, policy, actor) if marks else None,
            "provider": provider_fields(provider) if provider else None,
            "unanswered": span_ms(policy.new_devices.unanswered),
        }
        partition = self._keys.partition_of(session.handle)
        answer = await self._run(scripts.OPEN, partition, policy, given, encode(session))
        match _word(answer[0]):
            case "opened":
                return OpenedAt(from_ms(int(answer[1])), _reasons(answer[3:]), bool(answer[2]))
            case "at_limit":
                return Refused(tuple(_sessions(answer[1:])))
            case "outdated":
                return Outdated()
            case "provider_ended":
                return ProviderEnded()
            case "changed":
                return RoleChanged(decode_user(session.user_id, answer[1]).user)
            case _:
                return None

    async def end(
        self, handle: Handle, reason: Ended, policy: Policy, actor: Actor, note: str = ""
    ) -> EndedNow:
        """End one session, whatever its state. One that is over a limit ends for that reason."""
        entry = AuditEntry(Action(reason.audit_action), actor, details=_details(note))
        given = {"handle": handle, "reason": reason.value, "entry": entry_fields(entry)}
        partition = self._keys.partition_of(handle)
        answer = await self._run(scripts.END, partition, policy, given)
        if not answer:
            return EndedNow(None, ())
        record, *rest = answer
        if not record:
            return EndedNow(None, _reasons(rest))
        session = decode(handle, record, rest[0] or None)
        ended = session if isinstance(session, Session) else None
        return EndedNow(ended, _reasons(rest[1:]))

    async def expire(
        self, handle: Handle, last_active_at: datetime, policy: Policy
    ) -> tuple[Ended, ...]:
        """End a session that is over a limit, unless it was used since; return why it ended."""
        given = {"handle": handle, "last_active": to_ms(last_active_at)}
        partition = self._keys.partition_of(handle)
        answer = await self._run(scripts.END, partition, policy, given)
        return _reasons(answer[1:]) if answer else ()

    async def end_all(
        self,
        user_id: UserId,
        reason: Ended,
        policy: Policy,
        actor: Actor,
        keep: Handle | None,
        note: str = "",
    ) -> EndedAll:
        """End all of a person's sessions except `keep`."""
        given = {
            "user": user_id,
            "reason": reason.value,
            "keep": keep,
            "entry": entry_fields(bulk_entry(reason, actor, user_id, note)),
        }
        partition = self._keys.partition_of_user(user_id)
        ended, *expired = await self._run(scripts.END_ALL, partition, policy, given)
        return EndedAll(int(ended), _reasons(expired))

    async def rotate(
        self,
        session: Session,
        new_hash: bytes,
        origin: str,
        grace: timedelta,
        policy: Policy,
        actor: Actor,
    ) -> str | None:
        """Give the session a new secret; return the origin that stands, None if it has ended."""
        given = {
            "handle": session.handle,
            "expected": hash_text(session.secret_hash),
            "hash": hash_text(new_hash),
            "grace": span_ms(grace),
            "origin": origin,
            "entry": entry_fields(AuditEntry(Action.SESSION_ROTATED, actor)),
        }
        partition = self._keys.partition_of(session.handle)
        answer = await self._run(scripts.ROTATE, partition, policy, given)
        return _word(answer) if answer else None

    async def touch(self, touches: Mapping[Handle, Touch]) -> list[Handle]:
        """Note activity. Ended sessions stay ended.

        Returns the handles that could not be written, because their partition is unavailable.
        """
        parts: dict[int, list[Handle]] = {}
        for handle in touches:
            parts.setdefault(self._keys.partition_of(handle), []).append(handle)
        answers = await asyncio.gather(
            *(self._touch_in(partition, handles, touches) for partition, handles in parts.items()),
            return_exceptions=True,
        )
        unwritten: list[Handle] = []
        for handles, answer in zip(parts.values(), answers, strict=True):
            if isinstance(answer, StoreUnavailable):
                unwritten += handles
            elif isinstance(answer, BaseException):
                raise answer
        return unwritten

    async def _touch_in(
        self, partition: int, handles: list[Handle], touches: Mapping[Handle, Touch]
    ) -> None:
        keys = [self._keys.last_active(handle) for handle in handles]
        words = [
            word if isinstance(word, bytes) else str(word)
            for handle in handles
            for word in (handle, *_words(touches[handle]))
        ]
        await self._database.run(scripts.TOUCH, partition, {}, *words, keys=keys)

    async def sweep(self, partition: int, most: int, policy: Policy) -> tuple[int, Sequence[Ended]]:
        """End up to `most` sessions of a partition that are over a limit, by the store's clock;
        return how many were looked at, and the reasons."""
        answer = await self._run(scripts.SWEEP, partition, policy, {"most": most})
        return int(answer[0]), _reasons(answer[1:])

    async def _run(
        self,
        script: scripts.Script,
        partition: int,
        policy: Policy,
        given: dict[str, Any],
        *more: bytes,
    ) -> Any:
        given["limits"] = limits_of_roles(policy)
        given["tombstone"] = span_ms(TOMBSTONE_LEAST)
        return await self._database.run(script, partition, given, *more)


def bulk_entry(reason: Ended, actor: Actor, user_id: UserId, note: str = "") -> AuditEntry:
    """Return the one entry for all sessions of a person; the script fills in name and number."""
    action, details = Action(reason.audit_action), _details(note)
    return AuditEntry(action, actor, Target(user_id), "bulk", 1, reason.value, details=details)


def opened(session: Session, created_at: datetime) -> Session:
    """Return the session as the script stored it: its instants are those of the store."""
    age, at = session.created_at - session.authenticated_at, created_at
    return replace(session, created_at=at, last_active_at=at, authenticated_at=at - age)


def _words(touch: Touch) -> tuple[int | str | bytes, ...]:
    seen: bytes | str = ""
    if touch.addresses or touch.shift:
        shift = dict(zip("pg", touch.shift, strict=True)) if touch.shift else {}
        seen = dump({"a": touch.addresses, **shift})
    return (*touch[:3], seen)


def _sessions(parts: list[bytes]) -> Iterable[Session]:
    for handle, record, last in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        session = decode(Handle(_word(handle)), record, last or None)
        if isinstance(session, Session):
            yield session


def _reasons(words: Iterable[bytes]) -> tuple[Ended, ...]:
    return tuple(Ended(_word(word)) for word in words)


def _details(note: str) -> dict[str, str]:
    return {"note": note} if note else {}


def _word(raw: bytes | str) -> str:
    return raw if isinstance(raw, str) else raw.decode()

"""The name of every key, in one place.

    <prefix>:{pNN}:s:<handle>   the session's record; at its end, its tombstone: one key, one truth
    <prefix>:{pNN}:a:<handle>   when it was last active, epoch milliseconds; behind a blank from
                                where, if not from the address of its creation
    <prefix>:{pNN}:r:<handle>   for seconds after a rotation: what the new secret was derived from
    <prefix>:{pNN}:us:<shard>   the sessions of the users of one shard, by a number of the user
    <prefix>:{pNN}:created:<c>  the sessions of one class, by creation
    <prefix>:{pNN}:active:<c>   the same, by last activity
    <prefix>:{pNN}:names        all sessions of the partition, `name NUL handle class`, in order
    <prefix>:{pNN}:addresses    the same, `address handle class`: see lexical.py
    <prefix>:{pNN}:expiring     sessions that have a lifetime of their own, by its end
    <prefix>:{pNN}:kids:, :used:<handle>  agents of a session · what one asked for lately, by rule
    <prefix>:{pNN}:ended        what is kept of ended sessions, by their end
    <prefix>:{pNN}:ue:<shard>   `end handle` of the ended sessions of the users of one shard
    <prefix>:{pNN}:devices      how many sessions there are of each device's label
    <prefix>:{pNN}:hours:<n>    what happened in the n-th hour since 1970, in numbers
    <prefix>:{pNN}:u:<user>     the person
    <prefix>:{pNN}:n:<name>     the user id of a canonical name
    <prefix>:{pNN}:users:<role><status>   people of a role and status, `name NUL id`, by name
    <prefix>:{pNN}:gone         `name NUL canonical name` of each person who was deleted, by id; the
                                id of the one who had a canonical name last, by `=name`
    <prefix>:{pNN}:locks        until when who is locked
    <prefix>:{pNN}:lapses       whose ban or lock ends by itself, and when
    <prefix>:{pNN}:pr:<user>    a link to reset their password: its hash, and who made it
    <prefix>:{pNN}:nd:<user>    what they have not answered for: sign-ins from new devices
    <prefix>:{p00}:challenge:<digest>   what a second factor is asked for, sealed: challenges.py
    <prefix>:{pNN}:f:<digest>   failed sign-ins of a canonical name
    <prefix>:{pNN}:i:<digest>   failed sign-ins from a client address
    <prefix>:{pNN}:once:<digest>   an entry like this was written to the audit log lately
    <prefix>:{pNN}:sp:<handle>, :ps:<digest>, :pe:<digest>, :pl:<digest>, {p00}:used:<digest>
                                what is kept of identity providers: lua/provider_index.lua
    <prefix>:{pNN}:em:, :xi:, :sg:<digest>  people of an address, of a provider's name · a signal
    <prefix>:{pNN}:sa:<handle>  from which addresses a session was used, if from several
    …:f:<digest>:now, …:i:<digest>:now   attempts of it that are being verified
    <prefix>:{pNN}:audit        the audit stream
    <prefix>:{pNN}:ah:<shard>   the newest entry of each person of one shard who is in it
    <prefix>:{pNN}:events       the event stream
    <prefix>:{pNN}:seen:<user>  where a person was seen from, besides what live sessions say
    <prefix>:{pNN}:shifts:<user>  their sessions that another program uses from elsewhere
    <prefix>:{pNN}:watch        people whose sessions are to be looked at for alarms, since when
    <prefix>:{p00}:facts        a stream of what alarms count and no audit entry says
    <prefix>:{p00}:alarms       what is kept of each alarm, by its id
    <prefix>:{p00}:alarms:open  the alarm of a kind and subject that is not resolved
    <prefix>:{p00}:alarms:count how many there are of each kind, active and open
    <prefix>:{p00}:alarms:<state>  `kind user id` of the alarms of a state, by their last instant
    <prefix>:{p00}:alarms:read  up to where each stream was read for alarms
    <prefix>:{p00}:marks:<kind>:<digest>  what counts towards an alarm, by its instant
    <prefix>:{p00}:owners       who may do everything, by the instant from which they are active
    <prefix>:{p00}:keyring      the sealed keys
    <prefix>:{p00}:auditkey     the sealed key that signs the seals of the audit log
    <prefix>:{p00}:seals        the seals of the audit log
    <prefix>:{p00}:webhooks     the endpoints, by id
    <prefix>:{pNN}:wh:<id>:…    what one of them has to get: lua/webhook_queue.lua
    <prefix>:{p00}:wh:<id>:health   whether anything arrives there
    <prefix>:{pNN}:sink:<digest>    how far a sink of the audit log is
    <prefix>:{p00}:lease:<job>  which replica does a job
    <prefix>:{p00}:counts       ends that commands have counted, for a replica that is scraped

`{pNN}` is the hash tag of Redis Cluster: all keys of a partition share a slot, so that a script
touches one. A user id is drawn so that it falls into the partition of the person's name: the
name is taken and the person created in one step, on a cluster too.

Most people have one or two sessions: a key for each person's list would cost more than the list.
So 8,192 shards share them, each small enough (128 entries, up to a million sessions) to be kept
packed. The score is the person's number: 48 bits of SHA-1, which Lua has too.

A class is a role and a kind, such as `0b`: neither changes while a session lives, and the role
decides its limits. So the live ones of a class are a range of each of its two indexes, and those
over a limit are what lies below. There are 16; what is not there costs nothing.
"""

from dataclasses import dataclass
from hashlib import sha1, sha256

from sidecar.core.session import Handle, Kind
from sidecar.core.token import MAX_PARTITIONS, partition_of
from sidecar.core.users import Role, UserId

USER_SHARDS = 8192
"""lua/common.lua has the same number."""


def class_of(role: Role, kind: Kind) -> str:
    """Return the class of sessions; lua/session_index.lua says the same."""
    return f"{role:d}{kind.value[0]}"


CLASSES = {class_of(role, kind): (role, kind) for role in Role for kind in Kind}


@dataclass(frozen=True, slots=True)
class Keys:
    """The names under one prefix. partitions: 1 to 64; it never changes once there is data."""

    prefix: str = "sidecar"
    partitions: int = 1

    def __post_init__(self) -> None:
        if not 1 <= self.partitions <= MAX_PARTITIONS:
            raise ValueError(f"partitions must be from 1 to {MAX_PARTITIONS}")
        if not self.prefix or any(character in self.prefix for character in "{} \r\n"):
            raise ValueError("prefix must be a text without braces or blanks")

    def base(self, partition: int) -> str:
        """Return what the names of a partition's keys begin with."""
        return f"{self.prefix}:{{p{partition:02d}}}:"

    def of_handle(self, handle: Handle) -> str:
        return self.base(self.partition_of(handle))

    def of_user(self, user_id: UserId) -> str:
        return self.base(self.partition_of_user(user_id))

    def of_name(self, canonical: str) -> str:
        return self.base(self.partition_of_name(canonical))

    def partition_of(self, handle: Handle) -> int:
        """Return the partition that a handle names; one that we do not have is the first."""
        partition = partition_of(handle)
        return partition if partition < self.partitions else 0

    def partition_of_bytes(self, handle: bytes) -> int:
        """Return the same for a handle as an index has it."""
        return self.partition_of(Handle(handle.decode("ascii"))) if self.partitions > 1 else 0

    def partition_of_user(self, user_id: UserId) -> int:
        return self._spread(b"u:" + user_id.encode())

    def partition_of_name(self, canonical: str) -> int:
        return self._spread(b"n:" + canonical.encode())

    def partition_of_address(self, network: str) -> int:
        return self._spread(b"i:" + network.encode())

    def session(self, handle: Handle) -> str:
        return f"{self.of_handle(handle)}s:{handle}"

    def sessions(self, partition: int) -> bytes:
        """Return what the handle stands behind in the name of a session's record."""
        return f"{self.base(partition)}s:".encode()

    def last_active(self, handle: Handle) -> str:
        return f"{self.of_handle(handle)}a:{handle}"

    def record_and_last_active(self, handle: Handle) -> tuple[bytes, bytes]:
        """Return both keys that the strict check reads, ready to send."""
        base = self.of_handle(handle)
        return f"{base}s:{handle}".encode(), f"{base}a:{handle}".encode()

    def sessions_of_user(self, user_id: UserId) -> tuple[str, int]:
        """Return the index that has the user's sessions, and their score in it."""
        shard, number = self.shard_of_user(user_id)
        return f"{self.of_user(user_id)}us:{shard}", number

    def shard_of_user(self, user_id: UserId) -> tuple[int, int]:
        """Return the user's shard, and their number in it."""
        digest = sha1(user_id.encode(), usedforsecurity=False).hexdigest()
        return int(digest[12:16], 16) % USER_SHARDS, int(digest[:12], 16)

    def created(self, partition: int, session_class: str) -> str:
        return f"{self.base(partition)}created:{session_class}"

    def active(self, partition: int, session_class: str) -> str:
        return f"{self.base(partition)}active:{session_class}"

    def names(self, partition: int) -> str:
        return f"{self.base(partition)}names"

    def addresses(self, partition: int) -> str:
        return f"{self.base(partition)}addresses"

    def ended(self, partition: int) -> str:
        return f"{self.base(partition)}ended"

    def ended_of_user(self, user_id: UserId) -> tuple[str, int]:
        """Return the index that has the user's ended sessions, and their score in it."""
        shard, number = self.shard_of_user(user_id)
        return f"{self.of_user(user_id)}ue:{shard}", number

    def devices(self, partition: int) -> str:
        return f"{self.base(partition)}devices"

    def hours(self, partition: int, hour: int) -> str:
        return f"{self.base(partition)}hours:{hour}"

    def user(self, user_id: UserId) -> str:
        return f"{self.of_user(user_id)}u:{user_id}"

    def name(self, canonical: str) -> str:
        return f"{self.of_name(canonical)}n:{canonical}"

    def gone(self, partition: int) -> str:
        """Return what people were called who were deleted."""
        return f"{self.base(partition)}gone"

    def users(self, partition: int, role: int, status: str) -> str:
        """Return the set of people of one role and status, by the status's first letter."""
        return f"{self.base(partition)}users:{role}{status[0]}"

    def reset_link(self, user_id: UserId) -> str:
        return f"{self.of_user(user_id)}pr:{user_id}"

    def notices(self, user_id: UserId) -> str:
        """Return the sign-ins from new devices that the person has not answered for."""
        return f"{self.of_user(user_id)}nd:{user_id}"

    def failures(self, canonical: str) -> str:
        """Return the counter of a name. Hashed: people type passwords into the name field."""
        return f"{self.of_name(canonical)}f:{_digest(canonical)}"

    def failures_from(self, network: str) -> str:
        """Return the counter of a client address."""
        base = self.base(self.partition_of_address(network))
        return f"{base}i:{_digest(network)}"

    def in_flight(self, counter: str) -> str:
        """Return the attempts that are being verified, of a counter of failures."""
        return f"{counter}:now"

    def audit(self, partition: int) -> str:
        return f"{self.base(partition)}audit"

    def written_lately(self, partition: int, what: str) -> str:
        """Return what says that an entry like this was written."""
        return f"{self.base(partition)}once:{_digest(what)}"

    def audit_heads(self, partition: int, user_id: str) -> str:
        """Return where the newest entry of a person in this partition is noted."""
        shard, _ = self.shard_of_user(UserId(user_id))
        return f"{self.base(partition)}ah:{shard}"

    def events(self, partition: int) -> str:
        return f"{self.base(partition)}events"

    def seen(self, user_id: UserId) -> str:
        return f"{self.of_user(user_id)}seen:{user_id}"

    def shifts(self, user_id: UserId) -> str:
        return f"{self.of_user(user_id)}shifts:{user_id}"

    def watch(self, partition: int) -> str:
        return f"{self.base(partition)}watch"

    @property
    def facts(self) -> str:
        return f"{self.base(0)}facts"

    def alarms(self, part: str = "") -> str:
        """Return the alarms themselves, or what the table above says behind them."""
        return f"{self.base(0)}alarms{part and ':'}{part}"

    def marks(self, kind: str, subject: str) -> str:
        """Return what counts towards an alarm. Hashed, as names are that people typed."""
        return f"{self.base(0)}marks:{kind}:{_digest(subject)}"

    @property
    def owners(self) -> str:
        return f"{self.base(0)}owners"

    @property
    def keyring(self) -> str:
        return f"{self.base(0)}keyring"

    @property
    def audit_key(self) -> str:
        return f"{self.base(0)}auditkey"

    @property
    def audit_seals(self) -> str:
        return f"{self.base(0)}seals"

    @property
    def webhooks(self) -> str:
        return f"{self.base(0)}webhooks"

    def webhook_health(self, endpoint_id: str) -> str:
        return f"{self.base(0)}wh:{endpoint_id}:health"

    def webhook(self, partition: int, endpoint_id: str, name: str) -> str:
        """Return one of the keys that an endpoint has in a partition."""
        return f"{self.base(partition)}wh:{endpoint_id}:{name}"

    def handed_counts(self) -> str:
        return f"{self.base(0)}counts"

    def sink(self, partition: int, name: str) -> str:
        return f"{self.base(partition)}sink:{name}"

    def lease(self, job: str) -> str:
        return f"{self.base(0)}lease:{job}"

    def _spread(self, text: bytes) -> int:
        if self.partitions == 1:
            return 0
        return int.from_bytes(sha256(text).digest()[:4], "big") % self.partitions


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:32]

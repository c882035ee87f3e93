"""A day at a company that does not exist: its people, their devices, and what went on.

Names are invented; addresses are those that are set aside for documentation (RFC 5737, RFC 3849).
"""

import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sidecar.core.audit import SYSTEM
from sidecar.core.people import PersonChange
from sidecar.core.policy import Policy
from sidecar.core.reasons import Ended
from sidecar.core.session import Session
from sidecar.core.users import Role, User
from tests.screenshots.past import Past, PastDatabase, acting

_CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0.0.0"
_SAFARI = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5"
WINDOWS_EDGE = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36 Edg/138.0.0.0"
WINDOWS_CHROME = f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROME} Safari/537.36"
MAC_SAFARI = f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15"
LINUX_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1"
)
PIXEL = f"Mozilla/5.0 (Linux; Android 15; Pixel 9) {_CHROME} Mobile Safari/537.36"
IPAD = f"Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1"
_DEVICES = (WINDOWS_EDGE, WINDOWS_CHROME, MAC_SAFARI, LINUX_FIREFOX, IPHONE, PIXEL)

OWNER = "anna.berg"
STAR = "maria.keller"
"""The one with an attacker in her account."""

_PEOPLE = (
    (OWNER, "Anna Berg", Role.OWNER, ("operations",)),
    ("tomasz.nowak", "Tomasz Nowak", Role.ADMIN, ("operations", "on-call")),
    ("emma.larsen", "Emma Larsen", Role.USER, ("audit",)),
    (STAR, "Maria Keller", Role.USER, ("finance", "approvers")),
    ("noor.haddad", "Noor Haddad", Role.USER, ("sales",)),
    ("ines.almeida", "Inês Almeida", Role.USER, ("sales",)),
    ("yuki.tanaka", "田中 雪", Role.USER, ("design",)),
    ("jonas.weber", "Jonas Weber", Role.USER, ("engineering",)),
    ("amara.okafor", "Amara Okafor", Role.USER, ("engineering", "on-call")),
    ("lena.fischer", "Lena Fischer", Role.USER, ("finance",)),
    ("priya.sharma", "Priya Sharma", Role.USER, ("support",)),
    ("carlos.mendes", "Carlos Mendes", Role.USER, ("support",)),
    ("olga.petrova", "Olga Petrova", Role.USER, ("design",)),
    ("fatima.zahra", "فاطمة الزهراء", Role.USER, ("sales",)),
    ("hugo.martin", "Hugo Martin", Role.USER, ("engineering",)),
    ("chloe.dubois", "Chloé Dubois", Role.USER, ("legal",)),
    ("daniel.kim", "Daniel Kim", Role.USER, ("engineering",)),
    ("elif.demir", "Elif Demir", Role.USER, ("support",)),
    ("sofia.rossi", "Sofia Rossi", Role.USER, ("marketing",)),
    ("ben.carter", "Ben Carter", Role.USER, ("warehouse",)),
    ("frank.mueller", "Frank Müller", Role.USER, ("warehouse",)),
)
OFFICE, _ATTACKER = "198.51.100.24", "203.0.113.66"
_AT_STAR = (
    (MAC_SAFARI, OFFICE, 338, 3),
    (IPHONE, "2001:db8:41a::7c", 291, 12),
    (IPAD, "192.0.2.118", 164, 41),
    (WINDOWS_CHROME, _ATTACKER, 52, 1),
    (LINUX_FIREFOX, "203.0.113.201", 38, 2),
)
"""Device, address, for how many minutes, minutes since it was last used."""

_ENDED = (
    (38, "tomasz.nowak", "noor.haddad", PIXEL, "203.0.113.140", "Phone left in a taxi"),
    (131, OWNER, "lena.fischer", WINDOWS_CHROME, "203.0.113.12", ""),
    (207, "tomasz.nowak", "hugo.martin", LINUX_FIREFOX, "203.0.113.88", "Shared computer"),
    (512, "tomasz.nowak", "priya.sharma", IPAD, "192.0.2.61", ""),
    (960, OWNER, "jonas.weber", MAC_SAFARI, "203.0.113.51", "Asked for it on the telephone"),
)
"""Minutes ago, by whom, whose session, device, address, why."""

Deed = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, order=True)
class _Moment:
    ago: float
    number: int
    deed: Deed


class Story:
    """Plans what happened, as minutes before `now`, and then tells it in order."""

    def __init__(
        self, database: PastDatabase, policy: Policy, now: datetime, seed: int = 7
    ) -> None:
        self.chance = random.Random(seed)
        self.past = Past(database, policy, self.chance)
        self._database = database
        self._now = now
        self._moments: list[_Moment] = []
        self._people: dict[str, User] = {}

    async def tell(self, password_hash: str) -> dict[str, User]:
        """Let it all happen; return who is who. password_hash: everybody's."""
        self._database.instant = self._now - timedelta(days=60)
        for name, display, role, groups in _PEOPLE:
            self._database.instant += timedelta(hours=self.chance.uniform(1, 60))
            self._people[name] = await self.past.users.add(
                name,
                password_hash,
                role,
                SYSTEM,
                highest=Role.OWNER,
                display_name=display,
                email=f"{name}@example.com",
                groups=groups,
            )
        self._plan_workday()
        self._plan_attack()
        self._plan_now()
        for moment in sorted(self._moments, reverse=True):
            self._database.instant = self._now - timedelta(minutes=moment.ago)
            await moment.deed()
        return self._people

    def _at(self, ago: float, deed: Deed) -> None:
        self._moments.append(_Moment(ago, len(self._moments), deed))

    def _stay(
        self, name: str, agent: str, ip: str, since: float, until: float, reason: Ended | None
    ) -> list[Session]:
        """A session: opened, used, and ended for a reason or still there, last used at `until`.
        It is in what is returned once it is open."""
        opened: list[Session] = []

        async def begin() -> None:
            opened.append(await self.past.sign_in(self._people[name], ip, agent))

        async def leave() -> None:
            user = self._people[name]
            if reason is None:
                await self.past.use(opened[0])
            else:
                actor = acting(user, ip) if reason is Ended.SIGNED_OUT else SYSTEM
                await self.past.end(opened[0], reason, actor)

        async def go_on() -> None:
            await self.past.use(opened[0])

        self._at(since, begin)
        for ago in range(int(until) + 30, int(since), 30):
            self._at(ago, go_on)
        self._at(until, leave)
        return opened

    def _plan_workday(self) -> None:
        """Everybody's last 24 hours: most sign in in the morning, and again after lunch."""
        for number in range(260):
            since = self.chance.uniform(75, 23.4 * 60)
            hour = (self._now - timedelta(minutes=since)).hour
            busy = {8: 1.0, 9: 0.9, 13: 0.8}.get(hour, 0.5 if 7 <= hour <= 18 else 0.1)
            if self.chance.random() > busy:
                continue
            name = self.chance.choice(_PEOPLE)[0]
            if name in (OWNER, STAR):
                continue
            reason = Ended.SIGNED_OUT if number % 3 else Ended.IDLE_TIMEOUT
            until = since - self.chance.uniform(20, 58)
            self._stay(name, self.chance.choice(_DEVICES), self._ip(name), since, until, reason)

    def _plan_attack(self) -> None:
        """Somebody tries names at night, and then one of them with the right password."""
        targets = self.chance.sample([person[0] for person in _PEOPLE[3:]], 12)
        night = (self._now - timedelta(minutes=1)).replace(hour=3, minute=4)
        ago = ((self._now - night).total_seconds() / 60) % 1440
        for number, name in enumerate(targets * 3):
            at = max(ago - number * 0.7, 66.0)
            self._at(at, partial(self.past.fail, self._people[name], _ATTACKER))
        for name in self.chance.sample(targets, 5):
            self._at(
                self.chance.uniform(70, 900),
                partial(self.past.fail, self._people[name], self._ip(name)),
            )
        for number in range(10):
            fails = partial(self.past.fail, self._people["ben.carter"], "192.0.2.77")
            self._at(6 - number * 0.2, fails)

    def _plan_now(self) -> None:
        for agent, ip, since, last in _AT_STAR:
            self._stay(STAR, agent, ip, since, last, None)
        self._stay(STAR, PIXEL, "192.0.2.45", 1290, 1236, Ended.IDLE_TIMEOUT)
        self._stay(STAR, MAC_SAFARI, OFFICE, 900, 611, Ended.SIGNED_OUT)
        for name, *_ in _PEOPLE[1:-2]:
            if name == STAR:
                continue
            for agent in self.chance.sample(_DEVICES, self.chance.choice((1, 1, 2))):
                began, used = self.chance.uniform(61, 560), self.chance.uniform(0.1, 40)
                self._stay(name, agent, self._ip(name), began, used, None)
        self._plan_acts()

    def _plan_acts(self) -> None:
        """What the administrators did about it."""
        people, past = self._people, self.past
        for ago, who, name, agent, ip, note in _ENDED:
            session = self._stay(name, agent, ip, ago + 34, ago + 0.1, None)
            self._at(ago, partial(self._revoke, session, who, note))
        self._stay("frank.mueller", PIXEL, "192.0.2.77", 108, 71, None)
        self._stay("frank.mueller", WINDOWS_EDGE, OFFICE, 97, 66, None)
        self._stay("daniel.kim", MAC_SAFARI, "192.0.2.36", 640, 601, None)
        owner, admin = people[OWNER], people["tomasz.nowak"]
        frank, daniel, emma = people["frank.mueller"], people["daniel.kim"], people["emma.larsen"]
        reason, stolen = "Left the company on Friday", "Laptop reported stolen"
        highest = Role.OWNER
        self._at(
            64,
            lambda: past.users.ban(frank.id, acting(owner, OFFICE), reason, highest=highest),
        )
        self._at(600, lambda: past.end_all(daniel, acting(admin, OFFICE), stolen))
        to_viewer = PersonChange(role=Role.VIEWER)
        self._at(
            1100,
            lambda: past.users.change(emma.id, to_viewer, acting(owner, OFFICE), highest=highest),
        )

    async def _revoke(self, opened: list[Session], who: str, note: str) -> None:
        await self.past.end(opened[0], Ended.REVOKED, acting(self._people[who], OFFICE), note)

    def _ip(self, name: str) -> str:
        """Where somebody works: most in the office, some at home."""
        number = [person[0] for person in _PEOPLE].index(name)
        if number % 3 == 0:
            return f"192.0.2.{20 + number}"
        return f"2001:db8:{number:x}00::{number + 2:x}" if number % 5 == 0 else OFFICE

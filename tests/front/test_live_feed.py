"""Who follows what happens, and what each of them hears."""

from collections.abc import Collection
from datetime import UTC, datetime

from sidecar.core.event_log import Event, EventPage
from sidecar.core.ports import StoreUnavailable
from sidecar.front.live_feed import LATEST, LiveFeed
from tests.wires import until


class Log:
    """Events numbered from 1, in a list. silent: the store does not answer. reads: since when."""

    def __init__(self, *events: str) -> None:
        self.events = list(events)
        self.silent = False
        self.reads: list[str] = []

    async def page(self, after: str, types: Collection[str], limit: int) -> EventPage:
        if self.silent:
            raise StoreUnavailable
        self.reads.append(after)
        behind = self.events[int(after) : int(after) + limit]
        at = datetime(2026, 1, 1, tzinfo=UTC)
        return EventPage([Event("1", at, one) for one in behind], str(int(after) + len(behind)))

    async def latest(self) -> str:
        return str(len(self.events))


class Follower:
    """Keeps what it hears; None where it is told that its id is none."""

    def __init__(self) -> None:
        self.heard: list[str | None] = []
        self.pages = 0

    def told(self, page: EventPage | None) -> None:
        self.pages += 1
        self.heard += [None] if page is None else [event.type for event in page.events]


async def test_given_followers_at_different_places_then_each_hears_what_is_behind_its_own() -> None:
    log, early, late = Log("a", "b", "c"), Follower(), Follower()
    feed = LiveFeed(log)

    feed.follow(early.told, "1")
    feed.follow(late.told, LATEST)
    await until(lambda: early.pages == 1 and late.pages == 1)
    log.events.append("d")
    await until(lambda: early.pages == 2 and late.pages == 2)
    await feed.stop()

    assert (early.heard, late.heard) == (["b", "c", "d"], ["d"])


async def test_given_many_who_have_seen_the_same_then_one_read_serves_them_all() -> None:
    log, everybody = Log("a"), [Follower() for _ in range(50)]
    feed = LiveFeed(log)

    for one in everybody:
        feed.follow(one.told, "0")
    await until(lambda: all(one.pages for one in everybody))
    await feed.stop()

    assert log.reads.count("0") == 1


async def test_given_a_silent_store_then_nothing_is_missed() -> None:
    log, follower = Log("a"), Follower()
    log.silent = True
    feed = LiveFeed(log)
    feed.follow(follower.told, "0")
    log.events.append("b")

    log.silent = False
    await until(lambda: follower.pages == 1)
    await feed.stop()

    assert follower.heard == ["a", "b"]


async def test_given_an_id_that_is_none_then_its_follower_is_told_and_forgotten() -> None:
    log, wrong, right = Log("a"), Follower(), Follower()
    feed = LiveFeed(log)

    feed.follow(wrong.told, "yesterday")
    feed.follow(right.told, "0")
    await until(lambda: wrong.pages == 1 and right.pages == 1)
    log.events.append("b")
    await until(lambda: right.pages == 2)
    await feed.stop()

    assert wrong.heard == [None]


async def test_given_nobody_who_follows_any_more_then_nothing_is_read() -> None:
    log, follower = Log("a"), Follower()
    feed = LiveFeed(log)
    feed.follow(follower.told, "0")
    await until(lambda: follower.pages == 1)

    feed.leave(follower.told)
    feed.leave(follower.told)
    await until(lambda: feed.resting)
    reads = len(log.reads)
    feed.follow(follower.told, "0")
    await until(lambda: follower.pages == 2)
    await feed.stop()

    assert log.reads[reads] == "0"

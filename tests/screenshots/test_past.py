"""What happened in the past is in the store as if it had happened then."""

from datetime import timedelta

from sidecar.core.listing import SessionFilter
from sidecar.core.policy import Policy
from sidecar.store.clock import StoreClock
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from sidecar.store.lists import Lists
from sidecar.store.statistics import Counters
from tests.screenshots.past import PastDatabase
from tests.screenshots.story import STAR, Story

MINUTE = timedelta(minutes=1)
_DEADLINE = timedelta(seconds=30)


async def test_given_a_day_that_was_told_when_it_is_looked_at_then_all_was_at_its_time(
    redis_url: str,
):
    past = PastDatabase(connect(redis_url, _DEADLINE), Keys(), _DEADLINE)
    present = Database(connect(redis_url, _DEADLINE), Keys(), _DEADLINE)
    clock = StoreClock(present)
    await clock.measure()
    now = clock.now()

    people = await Story(past, Policy(), now).tell("-")

    lists = Lists(present, Policy, clock)
    found = await lists.page(SessionFilter(user_id=people[STAR].id))
    ages = [round((now - session.created_at) / MINUTE) for session in found.sessions]
    assert ages == [38, 52, 164, 291, 338]
    assert round((now - found.sessions[1].last_active_at) / MINUTE) == 1
    hours = await Counters(present, Policy, clock).last_day()
    assert sum(1 for hour in hours if hour.opened) > 12
    ended = await lists.ended(people[STAR].id, 0, 10)
    assert [round((now - one.ended_at) / MINUTE) for one in ended.items] == [611, 1236]
    for database in (past, present):
        await database.close()

"""A worker's webhooks keep to its settings."""

from datetime import timedelta

from sidecar.app_webhooks import TIMEOUT, build_webhooks
from sidecar.settings_load import load_settings
from sidecar.store.webhook_queue import LAPSE
from tests.receivers import a_receiver
from tests.store.rig import a_rig
from tests.store.seeds import ADMIN


async def test_given_settings_that_allow_this_machine_then_what_is_in_the_book_is_sent_there(
    redis_url: str,
) -> None:
    allowed = {"webhooks.allow_private": "127.0.0.0/8, ::1", "webhooks.allow_http": "true"}
    settings = load_settings(None, {}, allowed).webhooks

    async with a_rig(redis_url) as rig, a_receiver() as receiver:
        parts = build_webhooks(settings, rig.database, b"s" * 32, rig.clock)
        await parts.book.add(receiver.url, frozenset(), "", ADMIN)
        parts.dispatcher.start()
        await receiver.until(1)
        await parts.dispatcher.stop()

    assert parts.rules.may_reach("127.0.0.1")
    assert parts.rules.url_fault(receiver.url) is None


def test_given_an_attempt_then_it_ends_before_others_take_it_over() -> None:
    assert TIMEOUT + timedelta(seconds=2) < LAPSE

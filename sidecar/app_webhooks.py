"""The webhooks of one worker, put together: the book that admins write in, and who sends."""

from dataclasses import dataclass
from datetime import timedelta

from sidecar.core.outbound import OutboundRules
from sidecar.core.ports import Clock
from sidecar.observe.webhook_sender import Sender
from sidecar.observe.webhooks import Dispatcher
from sidecar.settings import WebhookSettings
from sidecar.store.database import Database
from sidecar.store.events import Events
from sidecar.store.webhook_queue import StoredQueue
from sidecar.store.webhooks import Webhooks

TIMEOUT = timedelta(seconds=10)
"""Of one attempt, well before others take over what it had claimed."""


@dataclass(frozen=True, slots=True)
class WebhookParts:
    book: Webhooks
    rules: OutboundRules
    dispatcher: Dispatcher


def build_webhooks(
    settings: WebhookSettings, database: Database, key: bytes, clock: Clock
) -> WebhookParts:
    """Return the parts. key: what the secrets of the endpoints are sealed under."""
    book = Webhooks(database, key, clock)
    rules = OutboundRules(settings.allow_private, settings.allow_http)
    sender = Sender(rules, TIMEOUT, settings.ca)
    queue = StoredQueue(database, book, clock)
    return WebhookParts(book, rules, Dispatcher(queue, Events(database), sender, clock))

"""Sends webhooks: every worker does, and takes from one queue.

Whoever sees an event first asks the queue for what is due; the queue gives each delivery to one
worker. Those of one person go one after the other, those of others beside them. An endpoint that
fails gets few attempts at a time, one that answers again gets what has waited, and one that nothing
reached for days is disabled.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Collection

from sidecar import __version__
from sidecar.core.event_log import EventFeed
from sidecar.core.event_shapes import ProbeDataShape, ProbeMessageShape, message_shape
from sidecar.core.event_types import WEBHOOK_TEST
from sidecar.core.ports import Clock, StoreUnavailable
from sidecar.core.shapes import instant
from sidecar.core.webhook_book import WebhookQueue
from sidecar.core.webhooks import (
    GONE,
    RETRY_FOR,
    Answer,
    Cause,
    Claim,
    Recipient,
    next_attempt,
    signature,
)
from sidecar.observe.webhook_sender import Sender

log = logging.getLogger(__name__)

AT_ONCE = 16
"""Deliveries of one endpoint that one worker attempts at the same time."""

_WHEN_FAILING = 2
_LOOK_AGAIN = 15.0
_REFRESH = 5.0
_NO_ENDPOINT = 1.0
_RETRY = 0.25
_AFTER_FAULT = 1.0
_NOTED = 10.0
_LAST_WORDS = 2.0
_ASK_AGAIN = 0.2
_CHANCES = 1 << 20


class Dispatcher:
    """One worker's part. feed: says when there is something new."""

    def __init__(self, queue: WebhookQueue, feed: EventFeed, sender: Sender, clock: Clock) -> None:
        self._queue = queue
        self._feed = feed
        self._sender = sender
        self._clock = clock
        self._lines: dict[str, Line] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Begin nothing more; what is under way has a moment to end."""
        await _end(self._task)
        await asyncio.gather(*(line.stop() for line in self._lines.values()))
        await self._sender.close()

    async def _follow(self) -> None:
        while True:
            try:
                positions = await self._feed.positions()
                await self._refresh()
                for (
                    line
                ) in self._lines.values():  # what was read before a fault may not be sent yet
                    line.wake(range(self._queue.partitions))
                await self._follow_from(positions)
            except StoreUnavailable:
                await asyncio.sleep(_RETRY)
            except Exception:
                log.exception("webhooks_not_followed")
                await asyncio.sleep(_AFTER_FAULT)

    async def _follow_from(self, positions: list[str]) -> None:
        refreshed = time.monotonic()
        while True:
            if not self._lines:  # nobody is to hear of anything
                await asyncio.sleep(_NO_ENDPOINT)
                return
            events = await self._feed.upcoming(positions)
            changed = any(event.type.startswith("webhook.") for event in events)
            if changed or time.monotonic() - refreshed > _REFRESH:
                refreshed = time.monotonic()
                await self._refresh()
            if events:
                partitions = {int(event.id.rpartition("-")[2]) for event in events}
                for line in self._lines.values():
                    line.wake(partitions)

    async def _refresh(self) -> None:
        recipients = {one.id: one for one in await self._queue.recipients()}
        for gone in self._lines.keys() - recipients.keys():
            await self._lines.pop(gone).stop()
        for endpoint_id, recipient in recipients.items():
            if endpoint_id in self._lines:
                self._lines[endpoint_id].recipient = recipient
            else:
                line = Line(recipient, self._queue, self._sender, self._clock)
                self._lines[endpoint_id] = line
                line.start()


class Line:
    """One endpoint in one worker."""

    def __init__(
        self, recipient: Recipient, queue: WebhookQueue, sender: Sender, clock: Clock
    ) -> None:
        self.recipient = recipient
        self._queue = queue
        self._sender = sender
        self._clock = clock
        self._look_at = dict.fromkeys(range(queue.partitions), 0.0)
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()
        self._failing = False
        self._noted = 0.0
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        await _end(self._task)
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=_LAST_WORDS)
            for task in late:  # its claim lapses, and another worker takes over
                task.cancel()

    def wake(self, partitions: Collection[int]) -> None:
        """There may be something to send in these."""
        for partition in partitions:
            self._look_at[partition] = 0.0
        self._woken.set()

    async def _keep(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self._take()
            except StoreUnavailable:
                await asyncio.sleep(_RETRY)
                continue
            except Exception:
                log.exception("webhooks_not_taken", extra={"webhook": self.recipient.id})
                await asyncio.sleep(_AFTER_FAULT)
                continue
            pause = max(min(self._look_at.values()) - time.monotonic(), 0.0)
            if not self._free:
                pause = _LOOK_AGAIN
            if pause:
                try:
                    await asyncio.wait_for(self._woken.wait(), pause)
                except TimeoutError:
                    continue

    @property
    def _free(self) -> int:
        most = _WHEN_FAILING if self._failing else AT_ONCE
        return max(most - len(self._sending), 0)

    async def _take(self) -> None:
        """Claim what is due and begin to send it, as far as there is room."""
        now = time.monotonic()
        for partition in [part for part, at in self._look_at.items() if at <= now]:
            if not self._free:
                return
            self._look_at[partition] = now + _LOOK_AGAIN
            try:
                claims, again = await self._queue.claim(self.recipient, partition, self._free)
            except StoreUnavailable:
                self._look_at[partition] = 0.0
                raise
            if again is not None:
                until = min(again.total_seconds(), _LOOK_AGAIN)
                self._look_at[partition] = min(self._look_at[partition], now + until)
            for claim in claims:
                task = asyncio.create_task(self._deliver(claim))
                self._sending.add(task)
                task.add_done_callback(self._over)

    def _over(self, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        self._woken.set()

    async def _deliver(self, claim: Claim) -> None:
        recipient = self.recipient
        answer = await self._attempt(recipient, claim)
        now = self._clock.now()
        again = None
        if not answer.is_taken and answer.status != GONE:
            again = next_attempt(claim, answer, now, secrets.randbelow(_CHANCES) / _CHANCES)
        try:
            await self._queue.done(recipient, claim, answer, again)
            if claim.event is not None:
                await self._note(recipient, answer)
        except StoreUnavailable:
            # The claim lapses, and it is sent once more: at least once.
            log.warning("webhook_outcome_not_noted", extra={"webhook": recipient.id})
        self.wake([claim.partition])

    async def _attempt(self, recipient: Recipient, claim: Claim) -> Answer:
        if claim.event is None:
            return Answer(None, "event_gone", RETRY_FOR * 0)
        if claim.event.type == WEBHOOK_TEST:
            body = ProbeMessageShape(
                id=claim.id,
                type="webhook.test",
                timestamp=instant(claim.event.at),
                data=ProbeDataShape(webhook_id=recipient.id),
            ).json()
        else:
            body = message_shape(claim.event).json()
        now = self._clock.now()
        at = int(now.timestamp())
        headers = {
            "Content-Type": "application/json",
            "User-Agent": f"session-sidecar/{__version__}",
            "webhook-id": claim.id,
            "webhook-timestamp": str(at),
            "webhook-signature": signature(claim.id, at, body, recipient.valid_secrets(now)),
        }
        return await self._sender.send(recipient.url, headers, body)

    async def _note(self, recipient: Recipient, answer: Answer) -> None:
        """Tell whether the endpoint is well: each failure, and now and then that all is well."""
        if answer.is_taken:
            if self._failing or time.monotonic() - self._noted > _NOTED:
                self._noted = time.monotonic()
                self._failing = False
                if await self._queue.healthy(recipient.id):
                    await self._queue.hurry(recipient.id)
                    self.wake(range(self._queue.partitions))
            return
        self._failing = True
        silent_for = await self._queue.failed(recipient.id)
        self._failing = True  # something may have arrived meanwhile, and was noted before this
        if answer.status == GONE:
            await self._queue.disable(recipient.id, Cause.GONE)
        elif silent_for >= RETRY_FOR:
            await self._queue.disable(recipient.id, Cause.FAILING)


async def _end(task: "asyncio.Task[None] | None") -> None:
    """Cancel a task until it listens: the store's client can swallow one request to."""
    while task is not None and not task.done():
        task.cancel()
        await asyncio.wait([task], timeout=_ASK_AGAIN)

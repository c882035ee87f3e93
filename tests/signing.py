"""Signals as another system sends them: signed by the book, with one thing to change in each."""

import json
import time
from collections.abc import Mapping
from typing import Any

from sidecar.core.signals import SignalBook, SignalSource
from sidecar.core.webhooks import signature
from sidecar.front.patience import Patience
from sidecar.front.signal_room import SignalRoom

SECRET = b"a secret of thirty-two bytes, 12"


def a_message(
    members: object,
    *,
    message_id: str = "msg_1",
    at: float | None = None,
    secret: bytes = SECRET,
) -> tuple[dict[str, str], bytes]:
    """Return the header fields and the body. at: epoch seconds; None: now."""
    body = members if isinstance(members, bytes) else json.dumps(members).encode()
    seconds = int(time.time() if at is None else at)
    head = {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": signature(message_id, seconds, body, [secret]),
    }
    return head, body


def claims_of(members: dict[str, Any], *, at: float, **changes: Any) -> dict[str, Any]:
    """Return the claims of a signed token; None takes one away."""
    claims = {
        "aud": "https://wiki.example.com",
        "iat": int(at),
        "exp": int(at) + 60,
        "jti": "jti-1",
        **members,
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def room_of(sources: Mapping[str, SignalSource] | None, book: SignalBook) -> SignalRoom | None:
    """Return what the front needs of these sources; None: there are none."""
    return None if sources is None else SignalRoom(sources, book, Patience(time.monotonic))

"""The tokens of links to set a new password: whose, and a secret of 256 bits.

    <user id>.<secret>

The id leads to the one key that holds the SHA-256 of the person's current secret, so that a new
link replaces the old one, and nothing that Redis has could be used as a link.
"""

import re
import secrets
from hashlib import sha256
from typing import NamedTuple

from sidecar.core.users import UserId

_TOKEN = re.compile(r"([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{43})", re.ASCII)


class ResetToken(NamedTuple):
    """What a token says. secret_hash: as the store keeps it."""

    user_id: UserId
    secret_hash: str


def new_reset_token(user_id: UserId) -> str:
    return f"{user_id}.{secrets.token_urlsafe(32)}"


def read_reset_token(token: str) -> ResetToken | None:
    """Return what it says, or None for what never was one. Never raises."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    return ResetToken(UserId(match[1]), sha256(match[2].encode("ascii")).hexdigest())

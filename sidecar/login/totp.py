"""Codes of six digits that an app makes from a secret and the time (RFC 6238).

The code of this step counts, and of the one before and behind it: clocks differ, and people take
their time. Which step it was is what the store accepts once.
"""

import hmac
import re
import secrets
from base64 import b32encode
from datetime import datetime

import pyotp

_SECRET = 20
"""Bytes: as long as the hash, RFC 4226 section 4."""
_STEP = 30
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


def new_secret() -> bytes:
    return secrets.token_bytes(_SECRET)


def secret_text(secret: bytes) -> str:
    """Return the secret as people type it into an app."""
    return b32encode(secret).decode("ascii")


def is_code(text: str) -> bool:
    """Say whether it has the shape of a code; blanks count for nothing."""
    return _CODE.fullmatch(_plain(text)) is not None


def matching_step(secret: bytes, code: str, now: datetime, last_step: int = 0) -> int | None:
    """Return the time step whose code this is, or None. last_step: it and those before it are used
    up."""
    given = _plain(code)
    if _CODE.fullmatch(given) is None:
        return None
    totp = pyotp.TOTP(secret_text(secret), interval=_STEP)
    current = int(now.timestamp()) // _STEP
    right = [
        step
        for step in (current, current - 1, current + 1)
        if hmac.compare_digest(totp.generate_otp(step), given) and step > last_step
    ]
    return right[0] if right else None


def address_of(secret: bytes, username: str, issuer: str) -> str:
    """Return the `otpauth:` address that an app takes all of it from."""
    totp = pyotp.TOTP(secret_text(secret), interval=_STEP)
    return totp.provisioning_uri(name=username, issuer_name=issuer)


def _plain(text: str) -> str:
    return "".join(text.split())

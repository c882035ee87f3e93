"""Recovery codes: for whoever has lost what makes the others. Ten, 80 random bits each, used once.

That many bits need no slow hash: what Redis has of a code cannot be tried out.
"""

import secrets
from base64 import b32encode
from hashlib import sha256

HOW_MANY = 10
_BYTES = 10
_GROUP = 4
_LOOK_ALIKE = str.maketrans({"0": "o", "1": "l", "8": "b", "-": None})


def new_codes() -> tuple[str, ...]:
    """Return codes as people are shown them: `abcd-efgh-ijkl-mnop`."""
    return tuple(_grouped(secrets.token_bytes(_BYTES)) for _ in range(HOW_MANY))


def digest_of(code: str) -> str:
    """Return what is kept of a code, however it was typed."""
    plain = "".join(code.split()).lower().translate(_LOOK_ALIKE)
    return sha256(plain.encode("utf-8", "replace")).hexdigest()[:32]


def _grouped(drawn: bytes) -> str:
    text = b32encode(drawn).decode("ascii").lower()
    return "-".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))

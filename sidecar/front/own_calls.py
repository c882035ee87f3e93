"""What our API answers besides the admin's, for `openapi.json`: the calls of a signed-in person,
and those with which one becomes that. The handlers are bound in `mount.py`."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from sidecar.core.shapes import OwnSessionShape, Shape, SignedInShape
from sidecar.front.inputs import ReauthInput, SignInInput
from sidecar.front.reset import ResetInput


class KeyShape(Shape, frozen=True):
    """One public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    use: str
    alg: str


class KeysShape(Shape, frozen=True):
    keys: tuple[KeyShape, ...]


@dataclass(frozen=True, slots=True)
class OwnCall:
    """answer: None for an empty one. signed_in: needs a live session. codes: of problems beyond
    those that every call has. as_forbidden: of those that are 403 here, and not elsewhere.
    is_page: answers HTML, for people. query: names of parameters that may hold any text."""

    method: Literal["GET", "POST"]
    path: str
    answer: type[Struct] | None
    summary: str
    body: type[Struct] | None = None
    status: int = 200
    signed_in: bool = False
    codes: tuple[str, ...] = ()
    as_forbidden: tuple[str, ...] = ()
    is_page: bool = False
    query: tuple[str, ...] = ()


_PASSWORD_CODES = ("invalid_credentials", "locked", "payload_too_large", "sign_in_busy")

OWN_CALLS: tuple[OwnCall, ...] = (
    OwnCall(
        "GET", "/login", None, "The page to sign in on", is_page=True, query=("return_to", "reason")
    ),
    OwnCall("GET", "/logout", None, "The page that asks whether to sign out", is_page=True),
    OwnCall("GET", "/reset", None, "The page to set a new password on", is_page=True),
    OwnCall(
        "POST",
        "/login",
        SignedInShape,
        "Sign in: opens a session, whose token is in the cookie",
        body=SignInInput,
        codes=(*_PASSWORD_CODES, "banned", "session_limit", "password_change_required"),
    ),
    OwnCall(
        "POST",
        "/reset",
        None,
        "Set a new password with a one-time link; ends every session of the person",
        body=ResetInput,
        status=204,
        codes=("reset_invalid", "payload_too_large", "sign_in_busy"),
    ),
    OwnCall(
        "POST",
        "/logout",
        None,
        "Sign out: ends the current session; `forget=1` also clears what the browser keeps",
        status=204,
        query=("forget",),
    ),
    OwnCall(
        "GET",
        "/api/session",
        OwnSessionShape,
        "Show the current session and whose it is",
        signed_in=True,
    ),
    OwnCall(
        "POST",
        "/api/reauth",
        None,
        "Prove again who it is; the session gets a new secret",
        body=ReauthInput,
        status=204,
        signed_in=True,
        codes=("locked", "payload_too_large", "sign_in_busy"),
        as_forbidden=("invalid_credentials",),
    ),
    OwnCall("GET", "/.well-known/jwks.json", KeysShape, "Show the keys that prove assertions"),
)

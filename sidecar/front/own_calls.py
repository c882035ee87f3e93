"""What our API answers besides the admin's, for `openapi.json`: the calls of a signed-in person,
those with which one becomes that, and what proxies and programs ask. The handlers are bound in
`mount.py`; that of forward auth is `forward_auth.py`."""

from dataclasses import dataclass
from typing import Literal

from msgspec import Struct

from sidecar.core.refusals import Refusal
from sidecar.core.shapes import OwnSessionShape, Shape, SignedInShape
from sidecar.core.signals import FIELDS, SignalAnswer, SignalBody
from sidecar.front.inputs import ReauthInput, SecondInput, SignInInput
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
    those that every call has. as_forbidden: of those that are 403 here, and not elsewhere. or_body:
    what may be sent instead. is_page: answers HTML, for people. is_object: answers JSON that is
    described elsewhere. query, fields: names of parameters and of header fields that may hold any
    text. refusals: of the request itself, beyond those that every call has. sends: header fields of
    the answer. from_server: no browser sends it, and no cookie counts."""

    method: Literal["GET", "POST"]
    path: str
    answer: type[Struct] | None
    summary: str
    body: type[Struct] | None = None
    or_body: type[Struct] | None = None
    status: int = 200
    signed_in: bool = False
    codes: tuple[str, ...] = ()
    as_forbidden: tuple[str, ...] = ()
    is_page: bool = False
    is_object: bool = False
    query: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    sends: tuple[str, ...] = ()
    from_server: bool = False
    about: str = ""


_DIALECTS = (
    "For a trusted proxy; it is on when `trusted_proxies` names one, and answers nobody else. The "
    "request that it is about is described by nginx with `X-Original-URI` and `X-Original-Method` "
    "(GET if missing), by Traefik and Caddy with `X-Forwarded-Uri`, `X-Forwarded-Method` and "
    "`X-Forwarded-Host`, and by Envoy with its own path behind `/auth` and its own method. Any "
    "method may ask. 200 without identity: the path is for anyone."
)
_SIGNED = (
    "For sources of the settings `[signals]`; `source` names one where there are several. With a "
    "shared secret the message is signed as Standard Webhooks has it. With a key pair the body is "
    "a signed token (`application/jwt`) with the same members, `aud`, `iat`, `exp` and `jti`. A "
    "message is good for five minutes, and once: the same again answers `repeated`."
)
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
        or_body=SecondInput,
        codes=(
            *(*_PASSWORD_CODES, "banned", "session_limit", "password_change_required"),
            *("second_factor_required", "second_factor_enrolment_required"),
            *("invalid_code", "challenge_invalid"),
        ),
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
        codes=("locked", "payload_too_large", "sign_in_busy", "second_factor_required"),
        as_forbidden=("invalid_credentials", "invalid_code"),
    ),
    OwnCall(
        "POST",
        "/api/signals/revoke",
        SignalAnswer,
        "End sessions, as a system of the organisation that signs what it says",
        body=SignalBody,
        codes=(
            *("not_found", "payload_too_large", "signal_not_genuine", "signal_untimely"),
            *("signal_not_allowed", "signals_off", "too_many_requests"),
        ),
        query=("source",),
        fields=FIELDS,
        from_server=True,
        about=_SIGNED,
    ),
    OwnCall("GET", "/.well-known/jwks.json", KeysShape, "Show the keys that prove assertions"),
    OwnCall(
        "GET",
        "/auth",
        None,
        "Say whether a request may pass, and whose it is (forward auth)",
        signed_in=True,
        codes=("forbidden", "not_found"),
        fields=(
            *("X-Original-URI", "X-Original-Method"),
            *("X-Forwarded-Uri", "X-Forwarded-Method", "X-Forwarded-Host"),
        ),
        refusals=(
            *(Refusal.FORWARDED_URI_MISSING, Refusal.FORWARDED_URI_CONTRADICTORY),
            *(Refusal.HOST_INVALID, Refusal.HOST_REPEATED, Refusal.FIELD_REPEATED),
            *(Refusal.TARGET_FORM, Refusal.TARGET_CHARACTER, Refusal.TARGET_FRAGMENT),
            *(Refusal.TARGET_ENCODING, Refusal.TARGET_SEPARATOR, Refusal.TARGET_DOTS),
        ),
        sends=(
            *("X-Forwarded-User", "X-Forwarded-Preferred-Username", "X-Forwarded-Email"),
            *("X-Forwarded-Groups", "X-Forwarded-Actor", "X-Sidecar-Assertion", "Cookie"),
        ),
        about=_DIALECTS,
    ),
    OwnCall("GET", "/openapi.json", None, "Show this document", is_object=True),
)

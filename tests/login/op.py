"""A provider of OpenID Connect for tests: real HTTP, real signatures, saying what it is told to.

What it does right is what the protocol asks of it; each test makes it do one thing wrong.
"""

import asyncio
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from aiohttp.test_utils import TestServer
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry

from sidecar.login.oidc_tokens import LOGOUT_EVENT

CLIENT = "wiki"
SUBJECT = "subject-1"
NOW = datetime(2026, 12, 1, 10, tzinfo=UTC)
RSA_ONE = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
RSA_TWO = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
EC_ONE = ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})


class Still:
    """A clock that a test moves."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def signed(claims: dict[str, Any], key: Any = RSA_ONE, alg: str = "RS256", **head: Any) -> str:
    header = {"alg": alg, "kid": key.kid, **head}
    header = {name: value for name, value in header.items() if value is not None}
    registry = JWSRegistry(algorithms=[alg], strict_check_header=False)
    return jwt.encode(header, claims, key, registry=registry)


@dataclass
class Op:
    """keys: what its document shows. claims: of the ID token, over the usual ones; None takes one
    away. userinfo: likewise. asked: how often what was asked for. now: its clock."""

    now: Callable[[], datetime]
    issuer: str = ""
    keys: list[Any] = field(default_factory=lambda: [RSA_ONE])
    signs_with: Any = field(default_factory=lambda: RSA_ONE)
    claims: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    forms: list[dict[str, str]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    hold: asyncio.Event | None = None

    def authorize(self, address: str) -> dict[str, str]:
        """Let somebody sign in there; return what the browser brings back."""
        query = dict(parse_qsl(urlsplit(address).query))
        code = f"code-{len(self.codes) + 1}"
        self.codes[code] = query
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def id_claims(self, nonce: str) -> dict[str, Any]:
        at = int(self.now().timestamp())
        usual = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": SUBJECT,
            "sid": "idp-1",
            "iat": at,
            "exp": at + 300,
            "auth_time": at - 5,
            "nonce": nonce,
            "preferred_username": "alice",
            "email": "alice@example.com",
            "email_verified": True,
            "name": "Alice Example",
        }
        return _without_none({**usual, **self.claims})

    def logout_claims(self, **more: Any) -> dict[str, Any]:
        at = int(self.now().timestamp())
        usual = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": at,
            "exp": at + 120,
            "jti": f"jti-{len(self.asked)}-{id(more)}",
            "sub": SUBJECT,
            "sid": "idp-1",
            "events": {LOGOUT_EVENT: {}},
        }
        return _without_none({**usual, **more})

    def logout_token(self, **more: Any) -> str:
        return signed(self.logout_claims(**more), self.signs_with, typ="logout+jwt")

    def document(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "userinfo_endpoint": f"{self.issuer}/me",
            "end_session_endpoint": f"{self.issuer}/out",
            "authorization_response_iss_parameter_supported": True,
            **self.metadata,
        }

    async def answer(self, request: web.Request) -> web.StreamResponse:
        what = request.path.rpartition("/")[2]
        self.asked[what] = self.asked.get(what, 0) + 1
        if self.hold is not None:
            await self.hold.wait()
        if what in self.broken:
            return web.Response(status=503, text="{}")
        if what == "openid-configuration":
            return web.json_response(_without_none(self.document()))
        if what == "jwks":
            keys = [
                one if isinstance(one, dict) else one.as_dict(private=False) for one in self.keys
            ]
            return web.json_response({"keys": keys})
        if what == "token":
            return await self._token(request)
        if what == "me":
            if request.headers.get("Authorization") != "Bearer at-1":
                return web.json_response({"error": "invalid_token"}, status=401)
            return web.json_response(_without_none({"sub": SUBJECT, **self.userinfo}))
        return web.Response(status=404, text="{}")

    async def _token(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        self.authorizations.append(request.headers.get("Authorization", ""))
        query = self.codes.pop(form.get("code", ""), None)
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
        if query is None or query["code_challenge"] != challenge:
            return web.json_response({"error": "invalid_grant"}, status=400)
        if query["redirect_uri"] != form.get("redirect_uri"):
            return web.json_response({"error": "invalid_grant"}, status=400)
        token = signed(self.id_claims(query["nonce"]), self.signs_with)
        return web.json_response({"id_token": token, "access_token": "at-1"})


@asynccontextmanager
async def an_op(now: Callable[[], datetime]) -> AsyncIterator[Op]:
    op = Op(now)
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", op.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        op.issuer = f"http://127.0.0.1:{server.port}"
        yield op


def soon(op: Op, **more: float) -> int:
    """Return an instant of the provider's clock, off by so much."""
    return int((op.now() + timedelta(**more)).timestamp())


def _without_none(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}

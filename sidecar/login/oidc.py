"""A provider of OpenID Connect: authorization code with PKCE, state and nonce; logout by token.

Implements the port `Provider`. Nothing is asked of the provider before somebody signs in by it.
Source: OpenID Connect Core 1.0; RFC 7636 (PKCE); RFC 9207; RP-Initiated Logout 1.0.
"""

import asyncio
import logging
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from aiohttp import encode_basic_auth

from sidecar.core.ports import Clock
from sidecar.core.provided import Account, ProviderSession
from sidecar.login.claims import ClaimNames, person_of
from sidecar.login.oidc_discovery import Discovery, Metadata
from sidecar.login.oidc_keys import ProviderKeys
from sidecar.login.oidc_tokens import Audience, Claims, Tokens
from sidecar.login.provider import (
    Flow,
    LogoutOrder,
    NotProven,
    Proven,
    ProviderUnavailable,
    Returned,
)
from sidecar.login.provider_http import Answer, ProviderHttp

log = logging.getLogger(__name__)

_END_OF_TIME = 2**33
"""Seconds; what lies behind it is no instant that anybody proved anything at."""


@dataclass(frozen=True, slots=True)
class OidcClient:
    """What we are to the provider, and what we ask it for. redirect, signed_out: addresses of ours,
    registered there. secret_file: read at each use, so that it may be replaced."""

    issuer: str
    client_id: str
    redirect: str
    signed_out: str
    names: ClaimNames = ClaimNames()
    secret_file: Path | None = None
    scopes: Collection[str] = ("openid", "profile", "email")
    algorithms: Collection[str] = ("RS256", "PS256", "ES256")
    max_age: timedelta | None = None
    userinfo: bool = True
    require_logout_type: bool = False
    sign_out_there: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """How the provider is offered here, and whom it may bring."""

    name: str
    label: str
    default: bool = False
    auto: bool = False
    create_users: bool = True
    link_existing: bool = False
    required_groups: tuple[str, ...] = ()


class OidcProvider:
    """One provider. Every method raises ProviderUnavailable."""

    method = "oidc"

    def __init__(self, offer: Offer, client: OidcClient, http: ProviderHttp, clock: Clock) -> None:
        self.name = offer.name
        self.label = offer.label
        self.default = offer.default
        self.auto = offer.auto
        self.create_users = offer.create_users
        self.link_existing = offer.link_existing
        self.required_groups = offer.required_groups
        self._client = client
        self._http = http
        self._discovery = Discovery(client.issuer, http, clock)
        self._tokens = Tokens(
            Audience(client.issuer, client.client_id),
            ProviderKeys(self._ask_for_keys, clock),
            clock,
            client.algorithms,
        )

    async def begin(self, flow: Flow) -> str:
        client, metadata = self._client, await self._discovery.get()
        query = {
            "response_type": "code",
            "client_id": client.client_id,
            "redirect_uri": client.redirect,
            "scope": " ".join(client.scopes),
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": _challenge(flow.verifier),
            "code_challenge_method": "S256",
        }
        if flow.fresh:
            query |= {"prompt": "login", "max_age": "0"}
        elif client.max_age is not None:
            query["max_age"] = str(int(client.max_age.total_seconds()))
        return _with_query(metadata.authorization, query)

    async def finish(self, returned: Returned, flow: Flow) -> Proven | NotProven:
        metadata = await self._discovery.get()
        if returned.issuer is None and metadata.says_issuer:
            return NotProven("iss_missing")
        if returned.issuer not in (None, metadata.issuer):
            return NotProven("iss")  # the answer of another provider (RFC 9207)
        answer = await self._exchange(metadata, returned.code, flow)
        token = answer.body.get("id_token")
        if answer.status != 200 or not isinstance(token, str):
            return NotProven("code")
        max_age = timedelta() if flow.fresh else self._client.max_age
        claims = await self._tokens.id_token(token, flow.nonce, max_age)
        if isinstance(claims, NotProven):
            return claims
        return await self._proven(metadata, claims, answer.body.get("access_token"))

    async def read_logout(self, token: str) -> LogoutOrder | NotProven:
        client = self._client
        claims = await self._tokens.logout_token(token, require_type=client.require_logout_type)
        if isinstance(claims, NotProven):
            return claims
        return LogoutOrder(
            account=Account(client.issuer, claims.get("sub") or ""),
            idp_sid=claims.get("sid") or "",
            issued_at=_instant(claims["iat"]),
            once=f"logout\n{client.issuer}\n{claims['jti']}",
        )

    async def sign_out_address(self) -> str | None:
        client = self._client
        if not client.sign_out_there:
            return None
        address = (await self._discovery.get()).end_session
        back = {"client_id": client.client_id, "post_logout_redirect_uri": client.signed_out}
        return _with_query(address, back) if address else None

    async def close(self) -> None:
        await self._http.close()

    async def _ask_for_keys(self) -> Answer:
        return await self._http.get((await self._discovery.get()).keys)

    async def _exchange(self, metadata: Metadata, code: str, flow: Flow) -> Answer:
        client = self._client
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": client.redirect,
            "code_verifier": flow.verifier,
        }
        authorization = ""
        if client.secret_file is None:
            fields["client_id"] = client.client_id
        else:
            secret = await asyncio.to_thread(_secret, client.secret_file)
            if metadata.basic:  # both are encoded as in a form first (RFC 6749, section 2.3.1)
                authorization = encode_basic_auth(quote(client.client_id, ""), quote(secret, ""))
            else:
                fields |= {"client_id": client.client_id, "client_secret": secret}
        return await self._http.post(metadata.token, fields, authorization)

    async def _proven(
        self, metadata: Metadata, claims: Claims, access_token: object
    ) -> Proven | NotProven:
        said: Mapping[str, Any] = claims
        if self._client.userinfo and metadata.userinfo and isinstance(access_token, str):
            answer = await self._http.get(metadata.userinfo, access_token)
            if answer.status != 200 or answer.body.get("sub") != claims["sub"]:
                return NotProven("userinfo")
            said = {**answer.body, **claims}  # what is signed outranks what is not
        person = person_of(said, self._client.names)
        if isinstance(person, NotProven):
            return person
        at = claims.get("auth_time")
        return Proven(
            person,
            ProviderSession(
                provider=self.name,
                account=Account(self._client.issuer, claims["sub"]),
                issued_at=_instant(claims["iat"]),
                idp_sid=claims.get("sid", ""),
            ),
            _instant(at) if isinstance(at, int | float) and 0 < at < _END_OF_TIME else None,
        )


def _instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _challenge(verifier: str) -> str:
    digest = sha256(verifier.encode("ascii")).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _with_query(address: str, query: Mapping[str, str]) -> str:
    return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"


def _secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, ValueError):
        log.error("provider_secret_unreadable", extra={"file": str(path)})
        raise ProviderUnavailable("secret") from None

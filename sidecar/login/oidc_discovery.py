"""Where a provider of OpenID Connect has what: its metadata, asked for and kept.

Source: OpenID Connect Discovery 1.0, sections 3 and 4.3; RFC 9207 (the issuer in the answer).
"""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sidecar.core.outbound import OutboundRules
from sidecar.core.ports import Clock
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_http import ProviderHttp

log = logging.getLogger(__name__)

FRESH = timedelta(hours=1)
"""How long it counts without being asked for again."""
USABLE = timedelta(hours=24)
"""How long it counts while the provider does not answer (case F-26)."""
AGAIN = timedelta(seconds=5)
"""How soon a provider is asked again that did not answer."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """userinfo, end_session: empty if the provider has none. basic: the client shows its secret in
    the head. says_issuer: its answers name the issuer, always."""

    issuer: str
    authorization: str
    token: str
    keys: str
    userinfo: str = ""
    end_session: str = ""
    basic: bool = True
    says_issuer: bool = False


def read_metadata(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Return what the document says. Raises ValueError for one that cannot be used.

    It must be the issuer's own, letter by letter: another's would let its people in as ours.
    """
    if document.get("issuer") != issuer:
        raise ValueError("issuer")
    methods = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if not isinstance(methods, list):
        raise ValueError("token_endpoint_auth_methods_supported")
    return Metadata(
        issuer=issuer,
        authorization=_endpoint(document, "authorization_endpoint", issuer),
        token=_endpoint(document, "token_endpoint", issuer),
        keys=_endpoint(document, "jwks_uri", issuer),
        userinfo=_endpoint(document, "userinfo_endpoint", issuer, required=False),
        end_session=_endpoint(document, "end_session_endpoint", issuer, required=False),
        basic="client_secret_basic" in methods,
        says_issuer=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, Any], name: str, issuer: str, *, required: bool = True) -> str:
    """Return one address: of the issuer's host, or else a public one that has TLS."""
    url = document.get(name, "")
    if url == "" and not required:
        return ""
    if not isinstance(url, str) or not url.isascii() or urlsplit(url).fragment:
        raise ValueError(name)
    here, there = urlsplit(issuer), urlsplit(url)
    if (there.scheme, there.hostname) == (here.scheme, here.hostname) and "@" not in there.netloc:
        return url
    if OutboundRules().url_fault(url) is not None:
        raise ValueError(name)
    return url


class Discovery:
    """The metadata of one issuer, asked for when somebody first needs it, by one at a time."""

    def __init__(self, issuer: str, http: ProviderHttp, clock: Clock) -> None:
        self._issuer = issuer
        self._url = issuer.rstrip("/") + "/.well-known/openid-configuration"
        self._http = http
        self._clock = clock
        self._found: Metadata | None = None
        self._found_at: datetime | None = None
        self._failed_at: datetime | None = None
        self._asking = asyncio.Lock()

    async def get(self) -> Metadata:
        """Raises ProviderUnavailable."""
        async with self._asking:
            now = self._clock.now()
            if not self._is_due(now) and self._found is not None:
                return self._found
            try:
                if self._failed_at is not None and now - self._failed_at < AGAIN:
                    raise ProviderUnavailable("a moment ago")
                await self._ask(now)
            except ProviderUnavailable:
                if self._found is None or not self._within(now, USABLE):
                    raise
            if self._found is None:
                raise ProviderUnavailable("nothing found")
            return self._found

    def _is_due(self, now: datetime) -> bool:
        return not self._within(now, FRESH)

    def _within(self, now: datetime, span: timedelta) -> bool:
        return self._found_at is not None and now - self._found_at < span

    async def _ask(self, now: datetime) -> None:
        try:
            answer = await self._http.get(self._url)
            if answer.status != 200:
                raise ProviderUnavailable(f"status {answer.status}")
            self._found = read_metadata(answer.body, self._issuer)
        except (ProviderUnavailable, ValueError) as fault:
            self._failed_at = now
            log.warning("provider_metadata_unusable", extra={"why": str(fault)})
            raise ProviderUnavailable("metadata") from None
        self._found_at, self._failed_at = now, None

"""What the front already knows of a request when it hands it to one of our own pages.

It travels beside the request, never in a header field, so that no client can say it.
"""

from dataclasses import dataclass

from aiohttp import web

from sidecar.core.headers import RequestHead
from sidecar.core.token import Credential
from sidecar.core.verdict import Whence

CONTEXT = "sidecar"
"""The name of the transport's extra information that holds the context."""

SAFE_METHODS = frozenset({"GET", "HEAD"})
FROM_A_SERVER = "from_a_server:"
"""How the name of a route begins whose calls are no browser's: they have no `Origin`, and believe
signatures or tokens of their own, never a cookie."""
ACTIVE_FIELD = "X-Sidecar-Active"
"""`1`: somebody used the page since it last asked."""


@dataclass(frozen=True, slots=True)
class RequestContext:
    """client_ip: after the walk over trusted proxies. credential: what a genuine cookie says;
    forged: there was a cookie of ours that is not genuine."""

    client_ip: str
    request_id: str
    credential: Credential | None = None
    forged: bool = False
    head: RequestHead | None = None

    @property
    def whence(self) -> Whence:
        return Whence(self.client_ip, self.head)


_KEPT = web.RequestKey("context", RequestContext)


def context_of(request: web.BaseRequest) -> RequestContext:
    """Return the request's context. Raises RuntimeError when the front did not hand it over.

    It stays with the request from then on: a client that leaves takes its transport along.
    """
    kept: RequestContext | None = request.get(_KEPT)
    if kept is not None:
        return kept
    transport = request.transport
    context = transport.get_extra_info(CONTEXT) if transport is not None else None
    if not isinstance(context, RequestContext):
        raise RuntimeError("the request did not come through the front")
    request[_KEPT] = context
    return context


def is_active(request: web.BaseRequest) -> bool:
    """Say whether somebody is at work there, or a page asks by itself.

    What changes something is a person's doing. Our pages also ask again and again, so they say
    when somebody has used mouse or keys since they last asked.
    """
    return request.method not in SAFE_METHODS or request.headers.get(ACTIVE_FIELD) == "1"

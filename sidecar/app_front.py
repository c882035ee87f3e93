"""The half of a worker that faces client and upstream, put together from the settings."""

import itertools
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sidecar.core.address import UnixAddress
from sidecar.core.client_ip import TrustedNets
from sidecar.core.cookies import CookieTable
from sidecar.core.policy import Policy
from sidecar.core.ports import Clock
from sidecar.front.answers import Answers
from sidecar.front.cookie import CookieWriter
from sidecar.front.forward_auth import ForwardAuth
from sidecar.front.identity import Identity
from sidecar.front.injection import Injection
from sidecar.front.own_headers import OwnHeaders
from sidecar.front.pages import Pages as PageServer
from sidecar.front.reading import Reader, ReadingRules
from sidecar.front.record import Record
from sidecar.front.server import FrontLimits, Server
from sidecar.front.walk import Walk
from sidecar.gate import Gate
from sidecar.login.pages import Pages
from sidecar.observe.metrics import Metrics
from sidecar.proxy.own_cookies import OwnCookieReport
from sidecar.proxy.pool import Pool, Upstream
from sidecar.settings import Settings
from sidecar.store.keyring import KeyRing

if TYPE_CHECKING:
    from sidecar.observe.spans import Spans


@dataclass(frozen=True, slots=True)
class FrontParts:
    """What the front is made of besides the settings. policy: returns the one in force. spans: of
    requests; None takes no part in traces."""

    gate: Gate
    policy: Callable[[], Policy]
    clock: Clock
    keys: KeyRing
    pages: Pages
    page_server: PageServer
    metrics: Metrics
    record: Record
    spans: "Spans | None" = None


def build_front(settings: Settings, parts: FrontParts) -> tuple[Server, Pool]:
    """Return the connections of this worker to its clients and to the upstream."""
    pool = Pool(_upstream(settings), OwnCookieReport(parts.metrics.own_cookies_dropped))
    cookies = CookieTable(lambda: parts.keys.accepted, settings.secure)
    reader = Reader(_reading_rules(settings), cookies)
    identity = Identity(
        issuer=settings.public_url,
        audience=settings.assertion_audience,
        signing_key=lambda: parts.keys.signing_key,
        now=parts.clock.now,
    )
    answers = Answers(
        parts.pages,
        OwnHeaders(secure=settings.secure),
        CookieWriter(settings.public_url).clear_cookie(),
    )
    live = parts.metrics.live_connections
    server = Server(
        _limits(settings),
        lambda change: live.add(change, "websocket"),
        parts.metrics.connections_refused.add,
    )
    server.walk = Walk(
        reader=reader,
        gate=parts.gate,
        pool=pool,
        identity=identity,
        answers=answers,
        record=parts.record,
        forward_auth=ForwardAuth(
            mount=settings.mount,
            enabled=bool(settings.trusted_proxies),
            reader=reader,
            gate=parts.gate,
            identity=identity,
            answers=answers,
        ),
        mount=settings.mount,
        account_path=settings.account_path,
        public_origin=settings.public_url,
        request_ids=_request_ids(),
        to_page=parts.page_server.serve,
        injection=Injection(reader, parts.policy, settings.mount, settings.public_url),
        new_spans=None if parts.spans is None else parts.spans.begin,
    )
    return server, pool


def _upstream(settings: Settings) -> Upstream:
    if settings.upstream is None:
        raise ValueError("no upstream is set")
    address, options = settings.upstream.address, settings.upstream_options
    tls = None
    if settings.upstream.scheme == "https":
        tls = ssl.create_default_context(cafile=options.ca)
        tls.set_alpn_protocols(["http/1.1"])
    where: dict[str, Any] = (
        {"path": address.path}
        if isinstance(address, UnixAddress)
        else {"host": address.host, "port": address.port}
    )
    return Upstream(
        **where,
        tls=tls,
        server_name=options.server_name or where.get("host"),
        connect_timeout=options.connect_timeout.total_seconds(),
        response_timeout=options.response_timeout.total_seconds(),
        idle_timeout=options.idle_timeout.total_seconds(),
        stream_idle_timeout=options.stream_idle_timeout.total_seconds(),
        max_connections=options.max_connections,
    )


def _reading_rules(settings: Settings) -> ReadingRules:
    host = None
    if not settings.upstream_options.preserve_host and settings.upstream is not None:
        host = settings.upstream.authority.encode("ascii")
    return ReadingRules(
        trusted=TrustedNets.parse(map(str, settings.trusted_proxies)),
        public_scheme="https" if settings.secure else "http",
        upstream_host=host,
        own_spans=settings.otel.endpoint is not None,
    )


def _limits(settings: Settings) -> FrontLimits:
    limits = settings.limits
    return FrontLimits(
        header_size=limits.header_size,
        header_timeout=limits.header_timeout.total_seconds(),
        idle_timeout=limits.idle_timeout.total_seconds(),
        body_timeout=limits.body_idle_timeout.total_seconds(),
        body_rate=limits.body_min_rate,
        body_grace=limits.body_grace.total_seconds(),
        write_timeout=limits.write_timeout.total_seconds(),
        max_connections=limits.max_connections,
    )


def _request_ids() -> Callable[[], str]:
    """Return a maker of ids: random for the process, counted within it."""
    process = secrets.token_hex(6)
    numbers = itertools.count(1)
    return lambda: f"{process}-{next(numbers):x}"

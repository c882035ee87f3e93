"""Where the product runs: one frozen tree, read once.

Defaults < `sidecar.toml` < environment (`SIDECAR_REDIS__URL`, `__` nests) < flags. Each field below
is a key of the file; its default stands beside it. How the layers are merged and how faults are
found is in `settings_load.py`; how a value is written, in `settings_values.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from sidecar.core.address import TcpAddress
from sidecar.settings_identity import ProviderName
from sidecar.settings_ldap import ProviderSettings
from sidecar.settings_signals import SignalSettings
from sidecar.settings_values import (
    Collector,
    File,
    FileSize,
    Folder,
    HeadSize,
    Kept,
    Listen,
    Mount,
    Networks,
    OwnPath,
    Partitions,
    Prefix,
    PublicUrl,
    RedisUrl,
    ServerName,
    Sinks,
    Store,
    TrustedPeers,
    UpstreamUrl,
    Workers,
    local_url,
)
from sidecar.values import Count, CountOrNone, Part, Ratio, Span, SpanOrNone, Switch, Text

SECOND = timedelta(seconds=1)

FILES: frozenset[tuple[str, ...]] = frozenset(
    {
        ("state_dir",),
        ("policy",),
        ("secret_file",),
        ("tls", "certificate"),
        ("tls", "key"),
        ("upstream_options", "ca"),
        ("geoip", "database"),
        ("webhooks", "ca"),
        ("audit", "syslog_ca"),
        ("identity", "*", "ca"),
        ("identity", "*", "client_secret_file"),
        ("signals", "*", "secret_file"),
        ("signals", "*", "keys_file"),
        ("scim", "token_file"),
        ("identity", "*", "bind_password_file"),
    }
)
"""Keys whose value is the path of a file or folder. `*`: whatever name a table there has."""


def is_file(key: Sequence[object]) -> bool:
    """Say whether the value of that key is the path of a file or folder."""
    return tuple(key) in FILES or (len(key) == 3 and (key[0], "*", key[2]) in FILES)


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsSettings(Part):
    """PEM files of the listener. Both or neither; read again when they change."""

    certificate: File = None
    key: File = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamOptions(Part):
    """How the upstream is spoken to.

    ca: the authorities to trust instead of the system's. server_name: the name that its
    certificate must carry, and SNI. response_timeout: until the head of the answer;
    stream_idle_timeout: the longest silence of a body, event stream or tunnel; idle_timeout: how
    long an unused connection is kept; max_connections: per worker.
    """

    ca: File = None
    server_name: ServerName = None
    connect_timeout: Span = 5 * SECOND
    response_timeout: Span = 60 * SECOND
    stream_idle_timeout: Span = 3600 * SECOND
    idle_timeout: Span = 75 * SECOND
    max_connections: Count = 512
    preserve_host: Switch = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSettings(Part):
    """What a client may take. header_*: the head of a request; body_idle_timeout: the longest
    pause in its body; body_min_rate: the fewest bytes a second of it, on average, once we have
    waited for body_grace, 0 for any; write_timeout: how long it may leave our bytes unread;
    idle_timeout: between requests; max_connections: per worker."""

    header_size: HeadSize = 32 * 1024
    header_timeout: Span = 10 * SECOND
    idle_timeout: Span = 75 * SECOND
    body_idle_timeout: Span = 30 * SECOND
    body_min_rate: CountOrNone = 240
    body_grace: Span = 20 * SECOND
    write_timeout: Span = 30 * SECOND
    max_connections: Count = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisSettings(Part):
    """prefix: of every key. partitions: unset, 64 on a cluster, else 1. deadline: of one look."""

    url: Store = RedisUrl("embedded", "embedded")
    prefix: Prefix = "sidecar"
    partitions: Partitions = 0
    deadline: Span = SECOND / 2

    def __post_init__(self) -> None:
        if not self.partitions:
            object.__setattr__(self, "partitions", 64 if self.url.form == "cluster" else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpsSettings(Part):
    """Where `/metrics`, `/livez` and `/readyz` are served."""

    listen: Listen = TcpAddress("127.0.0.1", 9090)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientsSettings(Part):
    """Adapters that speak other products' APIs, by name. This version has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimSettings(Part):
    """token_file: the bearer token of who keeps people up to date by SCIM; None: nobody does."""

    token_file: File = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditSettings(Part):
    """Where audit entries are sent besides the store. file_*: how large a file may become, and how
    many older ones are kept. syslog_ca: the authorities to trust instead of the system's."""

    sinks: Sinks = ()
    file_max_size: FileSize = 64 << 20
    file_keep: Kept = 10
    syslog_ca: File = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoipSettings(Part):
    """database: of cities, in MaxMind's format; None: nobody knows where addresses are."""

    database: File = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings(Part):
    """Where webhooks may be sent besides public addresses with https. ca: the authorities to trust
    instead of the system's."""

    allow_private: Networks = ()
    allow_http: Switch = False
    ca: File = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings(Part):
    """format: auto is pretty on a terminal and JSON elsewhere. access: one line per request.
    client_ip: with the client's address, which is personal data."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["json", "pretty", "auto"] = "auto"
    access: Switch = True
    client_ip: Switch = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OtelSettings(Part):
    """Where traces go, by OTLP over HTTP; unset, no span is made. sample_ratio: of the traces that
    begin with us; a caller's own decision stands."""

    endpoint: Collector = None
    service_name: Text = "session-sidecar"
    sample_ratio: Ratio = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Part):
    """The whole tree. upstream: None when unset, which only `sidecar run` refuses.

    policy: a file or folder; None for the policy that comes with the product. secret_file: None
    for one that is made in state_dir. public_url: an origin without a final slash; unset, that of
    `listen` for a browser on this machine. assertion_audience: unset, the same. identity:
    providers by name. signals: systems that may end sessions, by name.
    """

    listen: Listen = TcpAddress("127.0.0.1", 8080)
    tls: TlsSettings = TlsSettings()
    upstream: UpstreamUrl | None = None
    upstream_options: UpstreamOptions = UpstreamOptions()
    limits: LimitSettings = LimitSettings()
    public_url: PublicUrl = ""
    mount: Mount = "/_sidecar"
    workers: Workers = 1
    state_dir: Folder
    policy: File = None
    trusted_proxies: TrustedPeers = ()
    secret_file: File = None
    assertion_audience: Text = ""
    pre_stop: SpanOrNone = timedelta()
    drain_timeout: SpanOrNone = 30 * SECOND
    account_path: OwnPath = None
    redis: RedisSettings = RedisSettings()
    ops: OpsSettings = OpsSettings()
    identity: dict[ProviderName, ProviderSettings] = field(default_factory=dict)
    signals: dict[ProviderName, SignalSettings] = field(default_factory=dict)
    scim: ScimSettings = ScimSettings()
    clients: ClientsSettings = ClientsSettings()
    audit: AuditSettings = AuditSettings()
    geoip: GeoipSettings = GeoipSettings()
    webhooks: WebhookSettings = WebhookSettings()
    log: LogSettings = LogSettings()
    otel: OtelSettings = OtelSettings()

    def __post_init__(self) -> None:
        if not self.public_url:
            url = local_url(self.listen, tls=self.tls.certificate is not None)
            object.__setattr__(self, "public_url", url)
        if not self.assertion_audience:
            object.__setattr__(self, "assertion_audience", self.public_url)

    @property
    def secure(self) -> bool:
        """Say whether browsers reach us by https, so that cookies are `__Host-` and Secure."""
        return self.public_url.startswith("https:")

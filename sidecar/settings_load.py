"""Reading the settings: layers are merged first, so that each key knows where it came from."""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sidecar.faults import Fault, Key, dotted, report, unknown
from sidecar.layers import Layers
from sidecar.scim_tokens import tokens_of
from sidecar.settings import Settings, is_file
from sidecar.signal_sources import signal_faults
from sidecar.tables import Tables, fields_of, has_free_names, table_of

PREFIX = "SIDECAR_"
_SERVICE_LINK = re.compile(
    r"SIDECAR_(?:.+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_.+)?)?)"
)
"""Variables that Kubernetes sets for a Service whose name begins with `sidecar`; never ours."""


class SettingsInvalid(Exception):
    """The settings cannot be used. `str` is the report for people, one line for each fault.

    rest: what they would be without the keys that have faults, if that can be said; to look for
    more faults with, never to run with.
    """

    def __init__(self, faults: Sequence[Fault], rest: Settings | None = None) -> None:
        super().__init__(report("The settings cannot be used:", faults))
        self.faults = tuple(faults)
        self.rest = rest


def load_settings(
    config: Path | None, environ: Mapping[str, str], flags: Mapping[str, str]
) -> Settings:
    """Return the tree. flags: dotted key to text, such as `{"redis.url": "unix:///run/redis"}`.

    Raises SettingsInvalid with every fault of every layer.
    """
    layers = Layers()
    layers.add(("state_dir",), str(_state_dir(environ)), "default")
    if config is not None:
        layers.add_file(config, _beside)
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX) and not _SERVICE_LINK.fullmatch(name):
            key = tuple(name.removeprefix(PREFIX).lower().split("__"))
            _add_text(layers, key, text, f"${name}")
    for flag, text in flags.items():
        _add_text(layers, tuple(flag.split(".")), text, f"--{flag.replace('_', '-')}")
    settings, faults = layers.read(Settings)
    if settings is not None:
        wrong = {fault.key for fault in faults}
        for keys, problem in _contradictions(settings):
            if wrong.isdisjoint(dotted(key) for key in keys):
                faults.append(layers.fault(keys[0], problem))
    if faults or settings is None:
        raise SettingsInvalid(faults, settings)
    return settings


def _state_dir(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or "~", ".local", "state")
    return Path(base, "session-sidecar").expanduser()


def _beside(key: Key, value: object, path: Path) -> object:
    """Let a file that is named in a configuration file count from its folder, as people expect."""
    if is_file(key) and isinstance(value, str) and value:
        return str(path.absolute().parent / Path(value).expanduser())
    return value


def _add_text(layers: Layers, key: Key, text: str, place: str) -> None:
    """Merge the text of a variable or flag; a name that is no key is a fault of its own."""
    model: Tables = Settings
    free = False
    for depth, name in enumerate(key):
        last = depth == len(key) - 1
        inner = table_of(model, str(name))
        if free and not last:
            free = False
            continue
        if free:
            problem = "is a table: name one of its keys after two underscores or a dot"
        elif name not in fields_of(model):
            problem = unknown(str(name), fields_of(model))
        elif last and inner is not None:
            problem = "is a table: name one of its keys after two underscores or a dot"
        elif not last and inner is None:
            problem = "has a key after it, but is no table"
        else:
            free = has_free_names(model, str(name))
            model = inner or model
            continue
        layers.faults.append(Fault(place, dotted(key[: depth + 1]), problem))
        return
    layers.add(key, text, place)


def _contradictions(settings: Settings) -> Iterator[tuple[tuple[Key, ...], str]]:
    """Find what is wrong between values that are right by themselves.

    Each comes with the keys that it is about, the one to correct first.
    """
    tls, upstream = settings.tls, settings.upstream
    certificate, key = ("tls", "certificate"), ("tls", "key")
    if tls.certificate is not None and tls.key is None:
        yield (key, certificate), "is missing: certificate and key go together"
    if tls.certificate is None and tls.key is not None:
        yield (certificate, key), "is missing: certificate and key go together"
    if settings.ops.listen == settings.listen and not str(settings.listen).endswith(":0"):
        yield (("ops", "listen"), ("listen",)), "is the same address as listen"
    if settings.redis.url.form == "embedded" and settings.redis.partitions != 1:
        keys = (("redis", "partitions"), ("redis", "url"))
        yield keys, "must be 1 with the embedded store"
    if upstream is None or upstream.scheme == "http":
        for name in ("ca", "server_name"):
            if getattr(settings.upstream_options, name) is not None:
                problem = "is only for an upstream that begins with https://"
                yield (("upstream_options", name), ("upstream",)), problem
    for sink in settings.audit.sinks:
        folder = Path(sink.path).parent if sink.path is not None else None
        if folder is not None and not os.access(folder, os.W_OK | os.X_OK):
            yield (("audit", "sinks"),), f"names a folder that cannot be written to: {folder}"
    if settings.audit.syslog_ca is not None and not any(one.tls for one in settings.audit.sinks):
        keys = (("audit", "syslog_ca"), ("audit", "sinks"))
        yield keys, "is only for a sink that begins with syslog+tls://"
    for name in ("default", "auto"):
        chosen = [key for key, one in settings.identity.items() if getattr(one, name, False)]
        for other in chosen[1:]:
            first = ("identity", chosen[0], name)
            yield (
                (("identity", other, name), first),
                f"is true for identity.{chosen[0]} already: one provider can be that",
            )
    for name, one in settings.identity.items():
        for own, problem in one.contradictions():
            yield (("identity", name, own),), problem
    if settings.scim.token_file is not None:
        try:
            tokens_of(settings.scim.token_file)
        except ValueError as fault:
            yield (("scim", "token_file"),), str(fault)
    for wrong, problem in signal_faults(settings):
        yield (wrong,), problem
    if settings.account_path is not None and _inside(settings.account_path, settings.mount):
        yield (("account_path",), ("mount",)), "must lie outside the mount"


def _inside(path: str, mount: str) -> bool:
    return path == mount or path.startswith(f"{mount}/")

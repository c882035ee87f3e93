"""Reading the settings: layers are merged first, so that each key knows where it came from."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ValidationError

from sidecar.faults import Fault, Key, dotted, faults_of, report, table_of, unknown
from sidecar.settings import Settings

PREFIX = "SIDECAR_"
_SERVICE_LINK = re.compile(
    r"SIDECAR_(?:.+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_.+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_.+)?)?)"
)
"""Variables that Kubernetes sets for a Service whose name begins with `sidecar`; never ours."""

_FILES: frozenset[Key] = frozenset(
    {
        ("state_dir",),
        ("policy",),
        ("secret_file",),
        ("tls", "certificate"),
        ("tls", "key"),
        ("upstream_options", "ca"),
    }
)
"""Keys that name files: in a configuration file they count from its folder, as people expect."""

Tree = dict[str, object]


class SettingsInvalid(Exception):
    """The settings cannot be used. `str` is the report for people, one line for each fault."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__(report("The settings cannot be used:", faults))
        self.faults = tuple(faults)


def load_settings(
    config: Path | None, environ: Mapping[str, str], flags: Mapping[str, str]
) -> Settings:
    """Return the tree. flags: dotted key to text, such as `{"redis.url": "unix:///run/redis"}`.

    Raises SettingsInvalid with every fault of every layer.
    """
    layers = _Layers()
    layers.add(("state_dir",), str(_state_dir(environ)), "default")
    if config is not None:
        layers.add_file(config)
    for name, text in sorted(environ.items()):
        if name.startswith(PREFIX) and not _SERVICE_LINK.fullmatch(name):
            key = tuple(name.removeprefix(PREFIX).lower().split("__"))
            layers.add_text(key, text, f"${name}")
    for flag, text in flags.items():
        layers.add_text(tuple(flag.split(".")), text, f"--{flag.replace('_', '-')}")
    return layers.settings()


def _state_dir(environ: Mapping[str, str]) -> Path:
    base = environ.get("XDG_STATE_HOME") or Path(environ.get("HOME") or "~", ".local", "state")
    return Path(base, "session-sidecar").expanduser()


class _Layers:
    """The merged tree so far, where each of its keys came from, and the faults found on the way."""

    def __init__(self) -> None:
        self._tree: Tree = {}
        self._places: dict[Key, str] = {}
        self._faults: list[Fault] = []

    def add_file(self, path: Path) -> None:
        """Merge a configuration file, or note why it cannot be read."""
        try:
            tree = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            problem = f"cannot be read: {(error.strerror or 'unreadable').lower()}"
            self._faults.append(Fault(str(path), "", problem))
        except ValueError as error:
            self._faults.append(Fault(str(path), "", f"is not TOML: {error}"))
        else:
            self._add_table((), tree, path)

    def _add_table(self, key: Key, table: Mapping[str, object], path: Path) -> None:
        for name, value in table.items():
            inner = (*key, name)
            if isinstance(value, dict):
                self._places[inner] = str(path)
                self.add(inner, {}, str(path))
                self._add_table(inner, value, path)
            else:
                if inner in _FILES and isinstance(value, str) and value:
                    value = str(path.absolute().parent / Path(value).expanduser())
                self.add(inner, value, str(path))

    def add_text(self, key: Key, text: str, place: str) -> None:
        """Merge the text of a variable or flag; a name that is no key is a fault of its own."""
        model: type[BaseModel] = Settings
        for depth, name in enumerate(key):
            last = depth == len(key) - 1
            inner = table_of(model, str(name)) if name in model.model_fields else None
            if name not in model.model_fields or (last and inner is not None):
                self._faults.append(Fault(place, dotted(key), _not_a_value(key, depth, model)))
                return
            if not last and inner is None:
                self._faults.append(Fault(place, dotted(key), "is not a table"))
                return
            model = inner or model
        self.add(key, text, place)

    def add(self, key: Key, value: object, place: str) -> None:
        """Put one value at its key, over what an earlier layer said."""
        table: Tree = self._tree
        for name in key[:-1]:
            table = _open(table, str(name))
        if value != {} or not isinstance(table.get(str(key[-1])), dict):
            table[str(key[-1])] = value
        self._places[key] = place

    def settings(self) -> Settings:
        """Return the validated tree. Raises SettingsInvalid."""
        try:
            settings = Settings.model_validate(self._tree)
        except ValidationError as error:
            raise SettingsInvalid(
                [*self._faults, *faults_of(error, Settings, self._place_of)]
            ) from None
        self._faults.extend(self._contradictions(settings))
        if self._faults:
            raise SettingsInvalid(self._faults)
        return settings

    def _contradictions(self, settings: Settings) -> list[Fault]:
        """Return what is wrong between values that are right by themselves."""
        found = []
        tls, upstream = settings.tls, settings.upstream
        if (tls.certificate is None) != (tls.key is None):
            key = ("tls", "key" if tls.key is None else "certificate")
            found.append(self._fault(key, "is missing: certificate and key go together"))
        if (
            settings.ops.listen == settings.listen
            and str(settings.listen).rpartition(":")[2] != "0"
        ):
            found.append(self._fault(("ops", "listen"), "is the same address as listen"))
        if settings.redis.url.form == "embedded" and settings.redis.partitions != 1:
            found.append(self._fault(("redis", "partitions"), "must be 1 with the embedded store"))
        plain = upstream is None or upstream.scheme == "http"
        for name in ("ca", "server_name"):
            if plain and getattr(settings.upstream_options, name) is not None:
                problem = "is only for an upstream that begins with https://"
                found.append(self._fault(("upstream_options", name), problem))
        if settings.account_path is not None and _inside(settings.account_path, settings.mount):
            found.append(self._fault(("account_path",), "must lie outside the mount"))
        return found

    def _fault(self, key: Key, problem: str) -> Fault:
        return Fault(self._place_of(key), dotted(key), problem)

    def _place_of(self, key: Key) -> str:
        """Return the place of the key, or of the nearest table around it."""
        for length in range(len(key), 0, -1):
            if key[:length] in self._places:
                return self._places[key[:length]]
        return "default"


def _open(table: Tree, name: str) -> Tree:
    inner = table.get(name)
    if not isinstance(inner, dict):
        inner = table[name] = {}
    return inner


def _inside(path: str, mount: str) -> bool:
    return path == mount or path.startswith(f"{mount}/")


def _not_a_value(key: Key, depth: int, model: type[BaseModel]) -> str:
    if key[depth] in model.model_fields:
        return "is a table: name one of its keys after two underscores or a dot"
    return unknown(str(key[depth]), model.model_fields)

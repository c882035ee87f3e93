"""Who may import whom. A request walks one way: front → gate → core → proxy → upstream."""

import ast

from tests.rules.source import imports, package_modules, report

ABOVE_FRONT = frozenset(
    {"core", "store", "observe", "lifecycle", "gate", "proxy", "login", "admin", "account"}
)
MAY_IMPORT: dict[str, frozenset[str]] = {
    "core": frozenset(),
    "store": frozenset({"core"}),
    # What these need of the store, they ask for by a port of core/ports.py.
    "observe": frozenset({"core"}),
    "lifecycle": frozenset({"core", "store", "observe"}),
    "gate": frozenset({"core", "store", "lifecycle"}),
    "proxy": frozenset({"core", "observe"}),
    "login": frozenset({"core", "lifecycle"}),
    "admin": frozenset({"core", "lifecycle"}),
    "account": frozenset({"core", "lifecycle"}),
    "clients": frozenset({"admin", "account", "core"}),
    "front": ABOVE_FRONT | {"clients"},
}
"""The rooms. What is not in this table is the composition root: it may import everything, and no
room may import it: app, cli, the settings, the policy file, the processes."""

IMPURE = frozenset(
    "aiohttp aioredis asyncio concurrent hiredis http io jinja2 logging multiprocessing os pathlib "
    "prometheus_client random redis requests secrets select selectors shutil signal socket "
    "sqlite3 ssl subprocess sys tempfile threading time uuid uvloop".split()
)
"""What the pure core has no use for: input, output, clocks, chance and logs."""

IMPORTERS = frozenset({"importlib", "importlib.import_module", "runpy", "pkgutil"})

CLOCKS = frozenset({"now", "utcnow", "today"})


def room_of(name: str) -> str:
    """`sidecar.store.users` is in the room `store`; the package itself is in the room ``."""
    return (name.split(".") + [""])[1]


def wrong_imports(name: str, tree: ast.AST, top_level: frozenset[str]) -> list[str]:
    """Return what the module may not import. top_level: our own modules right in the package."""
    room, wrong = room_of(name), []
    allowed = MAY_IMPORT.get(room)
    if allowed is None:
        return []
    for imported, line in imports(tree):
        place, start = f"{name}:{line}", imported.split(".")[0]
        if imported in IMPORTERS:
            wrong.append(f"{place} imports by a name that no rule can see")
        ours = start == "sidecar"
        target = room_of(imported)
        if ours and target in top_level and target != room and target not in allowed:
            wrong.append(f"{place} in {room} imports {imported}")
        if room == "core" and start in IMPURE:
            wrong.append(f"{place} in core imports {imported}")
        if room == "gate" and start == "aiohttp":
            wrong.append(f"{place}: the gate knows nothing of aiohttp")
    return wrong


def impure_calls(name: str, tree: ast.AST) -> list[str]:
    """Return where a module of the core asks a clock, or opens or prints something."""
    wrong = []
    for node in ast.walk(tree) if room_of(name) == "core" else ():
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in {"open", "print", "input"}:
            wrong.append(f"{name}:{node.lineno} calls {called.id}()")
        elif isinstance(called, ast.Attribute) and called.attr in CLOCKS:
            wrong.append(f"{name}:{node.lineno} asks a clock: .{called.attr}()")
    return wrong


TOP_LEVEL = frozenset(room_of(name) for name in package_modules()) - {""}


def test_given_the_product_when_its_imports_are_read_then_every_room_keeps_to_its_table():
    modules = package_modules()

    faults = [
        fault for name, tree in modules.items() for fault in wrong_imports(name, tree, TOP_LEVEL)
    ]

    assert not faults, report(faults)


def test_given_the_core_when_its_calls_are_read_then_none_asks_the_world():
    modules = package_modules()

    faults = [fault for name, tree in modules.items() for fault in impure_calls(name, tree)]

    assert not faults, report(faults)


def test_given_the_table_when_it_is_read_then_each_of_its_rooms_is_known():
    rooms = set(MAY_IMPORT)

    named = set().union(*MAY_IMPORT.values())

    assert named <= rooms


def faults_in(name: str, source: str) -> list[str]:
    tree = ast.parse(source)
    top_level = frozenset({*MAY_IMPORT, "app", "cli", "settings"})
    return wrong_imports(name, tree, top_level) + impure_calls(name, tree)


def test_given_imports_against_the_table_when_they_are_read_then_each_is_found():
    against = {
        "sidecar.core.session": "from sidecar.store.keys import record",
        "sidecar.core.token": "import secrets",
        "sidecar.core.verdict": "from datetime import datetime\nat = datetime.now()",
        "sidecar.core.routes": "data = open('rules').read()",
        "sidecar.store.users": "from sidecar.observe import metrics",
        "sidecar.observe.logs": "import sidecar.store.users",
        "sidecar.proxy.pool": "def later():\n    from sidecar.gate import admit",
        "sidecar.login.form": "from sidecar import store",
        "sidecar.admin.users": "if TYPE_CHECKING:\n    from sidecar.account import api",
        "sidecar.front.server": "from sidecar.settings import Settings",
        "sidecar.lifecycle": "from sidecar.app import build",
        "sidecar.gate": "from aiohttp import web",
        "sidecar.login.steps": "from importlib import import_module",
    }

    found = {name for name, source in against.items() if faults_in(name, source)}

    assert found == set(against)


def test_given_imports_of_the_table_when_they_are_read_then_none_is_a_fault():
    allowed = {
        "sidecar.core.session": "from sidecar.core.users import Role\nimport hashlib",
        "sidecar.store.users": "from sidecar import core\nfrom sidecar.core.users import User",
        "sidecar.observe.build": "from sidecar import __version__",
        "sidecar.front.server": "from sidecar.gate import Gate\nfrom aiohttp import web",
        "sidecar.app": "from sidecar.settings import Settings\nfrom sidecar.front import server",
        "sidecar.cli.run": "from sidecar.app import build\nimport importlib.metadata",
    }

    faults = [fault for name, source in allowed.items() for fault in faults_in(name, source)]

    assert not faults, report(faults)

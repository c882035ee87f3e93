"""What the product never does: guessable randomness, code from data, errors swallowed unseen."""

import ast
from collections.abc import Iterator

from tests.rules.source import files, imports, module_name, package_modules, relative, report

DANGEROUS = {
    "random": "is guessable: use secrets (ASVS 7.2.3)",
    "uuid.uuid1": "tells the machine and the instant: use secrets (ASVS 7.2.3)",
    "marshal": "runs what it reads",
    "pickle": "runs what it reads",
    "shelve": "runs what it reads",
}
REASONED = {
    (
        "sidecar.orders",
        "pickle",
    ): "a worker reads what its own supervisor wrote, over a socket pair",
}
"""Dangerous imports that are right where they are, and why."""

CALLS = {"eval", "exec", "compile", "__import__"}
EVERYTHING = {"Exception", "BaseException"}

TOP_LEVEL_GUARDS: dict[str, str] = {
    "sidecar.cli.main": "a bug becomes a line with its place, never a traceback",
    "sidecar.front.connection": "the parser raises many kinds; each means: this is not HTTP",
    "sidecar.proxy.connection": "the parser raises many kinds; each means: this is not HTTP",
}
"""Where every exception may be caught, and why; elsewhere an outage would pass for an answer."""


def dangers(name: str, tree: ast.AST) -> Iterator[str]:
    """Yield each fault of a module with its place."""
    for imported, line in imports(tree):
        for danger, why in DANGEROUS.items():
            if f"{imported}.".startswith(f"{danger}.") and (name, danger) not in REASONED:
                yield f"{name}:{line} imports {imported}, which {why}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in CALLS:
                yield f"{name}:{node.lineno} calls {node.func.id}()"
            if node.func.id == "suppress" and EVERYTHING & set(names(*node.args)):
                yield f"{name}:{node.lineno} suppresses every exception"
        if (
            isinstance(node, ast.ExceptHandler)
            and name not in TOP_LEVEL_GUARDS
            and (node.type is None or EVERYTHING & set(names(node.type)))
            and not passes_on(node)
        ):
            yield f"{name}:{node.lineno} catches every exception"


def names(*nodes: ast.AST) -> Iterator[str]:
    for node in nodes:
        yield from (inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name))


def passes_on(handler: ast.ExceptHandler) -> bool:
    """Say whether the handler only tidies up: its last statement raises the same exception."""
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None


def test_given_the_product_when_its_source_is_read_then_it_does_nothing_dangerous():
    modules = package_modules()

    found = [fault for name, tree in modules.items() for fault in dangers(name, tree)]

    assert not found, report(found)


def test_given_the_guards_when_they_are_looked_up_then_each_still_exists_and_catches():
    modules = {module_name(path): path for path in files(".py", folders=("sidecar",))}

    unneeded = [
        name
        for name in TOP_LEVEL_GUARDS
        if name not in modules or "except" not in modules[name].read_text(encoding="utf-8")
    ]

    assert not unneeded, report([relative(modules[n]) if n in modules else n for n in unneeded])


def test_given_dangerous_source_when_it_is_read_then_each_danger_is_found():
    samples = [
        "import random",
        "from random import choice",
        "from uuid import uuid1",
        "import pickle as codec",
        "eval(text)",
        "try:\n    act()\nexcept:\n    pass",
        "try:\n    act()\nexcept Exception as error:\n    log(error)",
        "try:\n    act()\nexcept (OSError, BaseException):\n    raise Other from None",
        "with suppress(Exception):\n    act()",
    ]

    found = [source for source in samples if list(dangers("sidecar.gate", ast.parse(source)))]

    assert found == samples


def test_given_harmless_source_when_it_is_read_then_nothing_is_found():
    samples = [
        "import secrets",
        "from uuid import uuid4",
        "import randomness",
        "try:\n    act()\nexcept OSError:\n    pass",
        "try:\n    act()\nexcept BaseException:\n    undo()\n    raise",
        "with suppress(ConnectionError):\n    act()",
    ]

    found = [source for source in samples if list(dangers("sidecar.gate", ast.parse(source)))]

    assert not found

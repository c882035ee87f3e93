"""What the product never does: guessable randomness, code from data, errors swallowed unseen."""

import ast
from collections.abc import Iterator

from tests.rules.source import imports, package_modules, report

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

GUARDS: dict[str, str] = {
    "sidecar.cli.main.main": "a bug becomes a line with its place, never a traceback",
    "sidecar.front.connection.data_received": "whatever the parser raises: this is not HTTP",
    "sidecar.front.connection._next": "a fault of ours ends one connection",
    "sidecar.front.live_cut._cut": "one that cannot be cut as it should is cut hard",
    "sidecar.front.live_cut._follow": "whatever the fault, the events after it are acted on",
    "sidecar.front.live_cut._look_each_second": "as for the events",
    "sidecar.front.live_register.tell": "one that fails must not keep the others from hearing",
    "sidecar.front.request_body.pump_body": "the same parser, reading the body",
    "sidecar.front.forward_auth._decided": "as in the walk, for the other proxy's question",
    "sidecar.front.middleware.answer_failures": "a fault of ours is a 500 for one request",
    "sidecar.front.walk._decided": "a fault of ours leaves no request hanging and no other harmed",
    "sidecar.front.walk.upstream_failed": "the same, when the upstream gave no answer",
    "sidecar.gate._decide": "a fault of ours lets nobody pass and signs nobody out",
    "sidecar.login.directory_check.keep": "whatever the fault, the next round asks again",
    "sidecar.observe.alarm_watch._keep": "whatever the fault, the next turn looks again",
    "sidecar.observe.audit_forward._keep": "whatever the fault, the entries are sent later",
    "sidecar.observe.webhooks._follow": "whatever the fault, the events after it are acted on",
    "sidecar.observe.webhooks._keep": "as for the events",
    "sidecar.proxy.connection.data_received": "whatever the parser raises: this is not HTTP",
    "sidecar.proxy.pool._connect": "whatever kept it from connecting, who waits is answered 502",
    "sidecar.store.reads.look": "one unreadable record is not the others' fault",
    "sidecar.store.reads._tell": "one that fails must not keep the others of the batch waiting",
    "sidecar.store.wire._try_to_connect": "whatever kept it from connecting, it is tried again",
}
"""The functions that may catch every exception, and why: each is the end of something that must go
on for others. Anywhere else an outage would pass for an answer."""


def dangers(name: str, tree: ast.AST) -> Iterator[str]:
    """Yield each fault of a module with its place."""
    for imported, line in imports(tree):
        for danger, why in DANGEROUS.items():
            if f"{imported}.".startswith(f"{danger}.") and (name, danger) not in REASONED:
                yield f"{name}:{line} imports {imported}, which {why}"
    functions = function_around(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in CALLS:
                yield f"{name}:{node.lineno} calls {node.func.id}()"
            if node.func.id == "suppress" and EVERYTHING & set(names(*node.args)):
                yield f"{name}:{node.lineno} suppresses every exception"
        if (
            isinstance(node, ast.ExceptHandler)
            and f"{name}.{functions.get(node)}" not in GUARDS
            and (node.type is None or EVERYTHING & set(names(node.type)))
            and not passes_on(node)
        ):
            yield f"{name}:{node.lineno} catches every exception"


def function_around(tree: ast.AST) -> dict[ast.AST, str]:
    """Return the name of the innermost function that each node is in."""
    around: dict[ast.AST, str] = {}
    for node in ast.walk(tree):  # outer functions come before inner ones
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            around.update(dict.fromkeys(ast.walk(node), node.name))
    return around


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
    catching = {
        f"{name}.{function_around(tree).get(node)}"
        for name, tree in package_modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and EVERYTHING & set(names(node))
    }

    unneeded = GUARDS.keys() - catching

    assert not unneeded, report(sorted(unneeded))


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
        "def _other():\n    try:\n        act()\n    except Exception:\n        pass",
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
        "def _decide():\n    try:\n        act()\n    except Exception:\n        refuse()",
    ]

    found = [source for source in samples if list(dangers("sidecar.gate", ast.parse(source)))]

    assert not found

"""`tests/` mirrors the package: `sidecar/store/users.py` has `tests/store/test_users.py`."""

import ast
from pathlib import Path

from tests.rules.source import PACKAGE, ROOT, files, relative, report

EXEMPT = {"__init__.py", "__main__.py"}


def has_code(tree: ast.Module) -> bool:
    """Say whether there is anything to test: declarations (data, ports, words) do nothing."""
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not is_declaration(node)
        for node in ast.walk(tree)
    )


def is_declaration(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        for node in function.body
    )


def has_tests(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
        for node in ast.walk(tree)
    )


def mirror_of(module: Path, package: Path, tests: Path) -> Path:
    return tests / module.relative_to(package).with_name(f"test_{module.name}")


def untested(modules: list[Path], package: Path, tests: Path) -> list[Path]:
    """Return the modules with code whose mirrored test file is missing or tests nothing."""
    found = []
    for module in modules:
        test = mirror_of(module, package, tests)
        if (
            module.name not in EXEMPT
            and has_code(ast.parse(module.read_text(encoding="utf-8")))
            and not (test.is_file() and has_tests(ast.parse(test.read_text(encoding="utf-8"))))
        ):
            found.append(module)
    return found


def test_given_the_product_when_its_modules_are_listed_then_each_has_its_test_file():
    modules = list(files(".py", folders=("sidecar",)))

    found = untested(modules, PACKAGE, ROOT / "tests")

    assert not found, report([relative(path) for path in found])


def test_given_modules_of_each_kind_when_they_are_listed_then_only_untested_code_is_found(
    tmp_path: Path,
):
    package, tests = tmp_path / "sidecar", tmp_path / "tests"
    written = {
        "sidecar/__init__.py": "def act(): return 1",
        "sidecar/store/tested.py": "def act(): return 1",
        "sidecar/store/forgotten.py": "def act(): return 1",
        "sidecar/store/empty_test.py": "class Actor:\n    async def act(self): return 1",
        "sidecar/store/port.py": 'class Port:\n    def act(self) -> int:\n        """Act."""',
        "tests/store/test_tested.py": "async def test_it(): ...",
        "tests/store/test_empty_test.py": "def helper(): ...",
        "tests/test_forgotten.py": "def test_in_the_wrong_place(): ...",
    }
    for name, source in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(source, encoding="utf-8")

    found = untested(sorted(package.rglob("*.py")), package, tests)

    assert [path.name for path in found] == ["empty_test.py", "forgotten.py"]

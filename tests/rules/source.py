"""What the rules look at: the files of the project, and Python source as a tree."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "sidecar"
FOLDERS = ("admin_ui", "deploy", "policies", "sidecar", "tests")
NOT_OURS = {"__pycache__", "vendor", "node_modules", "results"}


def files(*suffixes: str, folders: tuple[str, ...] = FOLDERS) -> Iterator[Path]:
    """Yield the files that people of this project wrote, in a stable order."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not NOT_OURS & set(path.parts) and path.is_file():
                yield path


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """`sidecar/store/users.py` is `sidecar.store.users`; a package is named by its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def package_modules() -> dict[str, ast.Module]:
    """Return every module of the product by name."""
    paths = files(".py", folders=("sidecar",))
    return {module_name(path): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imports(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield each name that is imported, wherever in the file, as a dotted path with its line.

    `from a import b` is `a.b`: whether `b` is a module or something in `a` is not told apart.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = "." * node.level + (node.module or "")
            yield from ((f"{start}.{alias.name}", node.lineno) for alias in node.names)


def report(faults: list[str]) -> str:
    return "\n  ".join(["", *faults])

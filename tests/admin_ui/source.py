"""The files of the console, the account page and the widget as text, and what their modules say of
each other."""

import json
import re
from pathlib import Path
from typing import Any

from tests.rules.source import ROOT

UI = ROOT / "admin_ui"
CONSOLE = UI / "console"
FOLDERS = (CONSOLE, UI / "account", UI / "shared", UI / "widgets")
LANGUAGES = ("en", "de", "fr", "es", "ja", "ar")
_IMPORT = re.compile(r'^(?:import|export|\})[^;]*?"([^"]+)";|\bimport\("([^"]+)"\)', re.MULTILINE)
_COMMENT = re.compile(r"/\*.*?\*/|(?<![:\"'`])//[^\n]*", re.DOTALL)


def modules() -> dict[Path, str]:
    """Return every module of ours with its text."""
    return _read("*.js")


def sheets() -> dict[Path, str]:
    return _read("*.css")


def shells() -> dict[Path, str]:
    """Return the pages that the server fills in with words."""
    return _read("*.html")


def imports(path: Path, text: str) -> list[Path]:
    """Return the files that a module imports, as they are named there."""
    found = (static or dynamic for static, dynamic in _IMPORT.findall(text))
    return [(path.parent / name).resolve() for name in found if name.startswith(".")]


def locale(language: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((UI / "locales" / f"{language}.json").read_text("utf-8"))
    return found


def code(text: str) -> str:
    """The text without its comments."""
    return _COMMENT.sub("", text)


def name(path: Path) -> str:
    return path.relative_to(UI).as_posix()


def _read(pattern: str) -> dict[Path, str]:
    found = [path for folder in FOLDERS for path in folder.rglob(pattern)]
    return {path: path.read_text("utf-8") for path in sorted(found)}

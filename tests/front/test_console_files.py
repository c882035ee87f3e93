import gzip
from pathlib import Path

import pytest

from sidecar.front.console_files import ConsoleFiles
from sidecar.login.assets import ui_folder

FILES = {
    "console/main.js": "import './parts/rows.js';" + " " * 2000,
    "console/parts/rows.js": "export const rows = [];",
    "console/style/base.css": "body { margin: 0 }",
    "vendor/lit.js": "export {};",
    "vendor/lit.LICENSE.txt": "Do what you like.",
    "locales/en.json": "{}",
    "signin.js": "// not of the console",
}


@pytest.fixture
def ui(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_given_a_tree_then_what_browsers_load_is_named_and_nothing_else(ui: Path) -> None:
    files = ConsoleFiles(ui)

    assert sorted(files.names) == [
        "console/main.js",
        "console/parts/rows.js",
        "console/style/base.css",
        "locales/en.json",
        "vendor/lit.js",
    ]


def test_given_any_other_byte_or_name_then_the_digest_is_another(ui: Path) -> None:
    before = ConsoleFiles(ui).digest

    (ui / "console/parts/rows.js").write_text("export const rows = [1];")
    changed = ConsoleFiles(ui).digest
    (ui / "console/parts/rows.js").rename(ui / "console/parts/lines.js")
    renamed = ConsoleFiles(ui).digest

    assert len({before, changed, renamed}) == 3


def test_given_a_file_when_it_is_read_then_its_bytes_come_packed_if_that_is_worth_it(
    ui: Path,
) -> None:
    files = ConsoleFiles(ui)

    large, small = (
        files.read(f"console/{name}", packed=True) for name in ("main.js", "parts/rows.js")
    )
    plain = files.read("console/main.js")

    assert large is not None
    assert small is not None
    assert plain is not None
    assert large.packed
    assert gzip.decompress(large.body) == plain.body == FILES["console/main.js"].encode()
    assert not small.packed
    assert small.media_type == "text/javascript; charset=utf-8"


def test_given_an_upgrade_beneath_us_then_the_file_of_today_is_not_what_the_digest_names(
    ui: Path,
) -> None:
    files = ConsoleFiles(ui)

    (ui / "console/main.js").write_text("import './parts/tables.js';")
    found = files.read("console/main.js")

    assert found is not None
    assert not found.current


@pytest.mark.parametrize(
    "name",
    ["", "console", "console/", "console/../signin.js", "signin.js", "vendor/lit.LICENSE.txt"],
)
def test_given_a_name_that_is_not_in_the_tree_then_there_is_nothing(ui: Path, name: str) -> None:
    assert ConsoleFiles(ui).read(name) is None


def test_given_the_console_of_the_product_then_every_kind_of_file_is_there() -> None:
    names = ConsoleFiles(ui_folder()).names

    assert {"console/main.js", "vendor/lit.js", "locales/en.json"} <= set(names)

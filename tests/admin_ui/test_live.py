"""The script on other people's pages: all of its files served, and nothing unsafe in them."""

import re

from sidecar.front.live_files import PARTS, SAID
from tests.admin_ui.source import UI, code, name
from tests.admin_ui.test_modules import UNSAFE
from tests.admin_ui.test_styles import PHYSICAL
from tests.rules.source import report

FOLDER = UI / "live"
TEXTS = {path: path.read_text("utf-8") for path in sorted(FOLDER.iterdir())}


def test_given_the_folder_then_every_file_is_a_part_of_what_is_served():
    served = {part for parts in PARTS.values() for part in parts}

    assert {path.name for path in TEXTS} == served


def test_given_every_file_then_it_says_first_what_it_is_for_and_imports_nothing():
    wrong = [
        name(path)
        for path, text in TEXTS.items()
        if not text.startswith("// ") or re.search(r"^\s*(?:import|export)\b", text, re.MULTILINE)
    ]

    assert not wrong, report(wrong)


def test_given_every_file_then_nothing_in_it_is_unsafe():
    # `onmessage = …` of a socket or a port is no inline handler: only markup has these.
    checks = {pattern: why for pattern, why in UNSAFE.items() if "handler" not in why}

    wrong = [
        f"{name(path)}: {match.group().strip()} {why}"
        for path, text in TEXTS.items()
        for pattern, why in checks.items()
        for match in re.finditer(pattern, code(text))
    ]

    assert not wrong, report(wrong)


def test_given_the_dialogs_then_each_sentence_they_name_is_served_and_each_served_one_is_named():
    text = "\n".join(TEXTS.values())
    literal = set(re.findall(r'"([a-z]+(?:_[a-z]+)*)"', text))
    named = {
        key
        for call in re.findall(r"\bt\(([^()]*)", text)
        for key in re.findall(r'"([a-z_]+)"', call)
    }
    codes = {"session_revoked", "session_idle", "session_expired"}  # come from the server

    served = {key.rpartition(".")[2] for key in SAID}
    assert named <= served
    assert served - literal == codes


def test_given_the_style_of_the_dialogs_then_no_property_names_a_side_of_the_screen():
    style = re.search(r"SHEET = `(.*?)`", TEXTS[FOLDER / "look.js"], re.DOTALL)
    assert style is not None

    wrong = [match.group() for match in PHYSICAL.finditer(re.sub(r"\([^)]*\)", "", style[1]))]

    assert not wrong, report(wrong)

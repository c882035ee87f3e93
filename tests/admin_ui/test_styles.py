"""The style sheets: mirrored by themselves, and in the colours of the tokens."""

import re

from tests.admin_ui.source import UI, code, name, sheets
from tests.rules.source import report

PHYSICAL = re.compile(
    r"(?<![-\w])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)"
    r"|(?:left|right|top|bottom|width|height|(?:min|max)-(?:width|height))(?=\s*:)"
    r"|(?:text-align|float|clear)\s*:\s*(?:left|right)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)"
)
MEDIA = re.compile(r"@media[^{]*")
COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl)a?\((?!0 0 0)")


def test_given_the_sheets_then_no_property_names_a_side_of_the_screen():
    wrong = [
        f"{name(path)}: {match.group()}"
        for path, text in sheets().items()
        for match in PHYSICAL.finditer(MEDIA.sub("", code(text)))
    ]

    assert not wrong, report(wrong)


def test_given_shorthands_of_four_sides_then_both_inline_sides_are_the_same():
    four = re.compile(r"(?:margin|padding|inset): ([^\s;]+) ([^\s;]+) ([^\s;]+) ([^\s;]+);")

    wrong = [
        f"{name(path)}: {match.group()}"
        for path, text in sheets().items()
        for match in four.finditer(text)
        if match.group(2) != match.group(4)
    ]

    assert not wrong, report(wrong)


def test_given_the_sheets_then_every_colour_and_name_of_theirs_is_a_token():
    tokens = set(re.findall(r"(--[\w-]+)\s*:", (UI / "tokens.css").read_text("utf-8")))
    used = {
        token: name(path)
        for path, text in sheets().items()
        for token in re.findall(r"var\((--[\w-]+)", text)
    }

    set_by_modules = {"--start", "--end"}
    unknown = [f"{path}: {token}" for token, path in used.items() if token not in tokens]
    colours = [
        f"{name(path)}: {found}"
        for path, text in sheets().items()
        for found in COLOUR.findall(text)
    ]

    assert {one.partition(": ")[2] for one in unknown} == set_by_modules
    assert not colours, report(colours)


def test_given_the_sheets_then_nothing_is_loaded_from_elsewhere():
    wrong = [name(path) for path, text in sheets().items() if re.search(r"url\(|@import", text)]

    assert not wrong, report(wrong)


def test_given_the_widget_then_it_is_mirrored_by_itself_and_its_colours_are_those_of_the_tokens():
    style = code((UI / "widgets" / "style.js").read_text("utf-8"))
    tokens = dict(
        re.findall(r"(--[\w-]+): (light-dark\([^)]*\));", (UI / "tokens.css").read_text())
    )

    own = re.findall(r"(--[\w-]+): var\(--user-sessions-[\w-]+, (light-dark\([^)]*\))\);", style)
    rest = re.sub(r"light-dark\([^)]*\)", "", style)

    assert len(own) > 15
    assert {name: tokens[name] for name, _ in own} == dict(own)
    assert not COLOUR.findall(rest)
    assert not PHYSICAL.findall(re.sub(r"@(?:media|container)[^{]*", "", style))


def test_given_physical_properties_when_they_are_looked_for_then_each_is_found():
    samples = ["margin-left: 1px", "left: 0", "max-width: 3em", "text-align: right", "height:2px"]
    logical = ["margin-inline-start: 1px", "inset-inline: 0", "text-align: end", "--left: 1px"]

    assert [one for one in samples if PHYSICAL.search(one)] == samples
    assert [one for one in logical if PHYSICAL.search(one)] == []

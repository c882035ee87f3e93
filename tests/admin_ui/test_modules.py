"""The modules: small, all of them used, and nothing that the policy of a page would forbid."""

import re

from sidecar.core.audit import Action
from tests.admin_ui.source import FOLDERS, UI, code, imports, modules, name
from tests.rules.source import report

MOST_LINES = 200
AT_THE_START = (
    "console/early.js",
    "console/main.js",
    "account/main.js",
    "widgets/user-sessions.js",
)
UNSAFE = {
    r"\.innerHTML|\.outerHTML|insertAdjacentHTML|document\.write": "turns text into markup",
    r"\bunsafeHTML\b|\bunsafeSVG\b": "turns text into markup",
    r"\beval\(|new Function\(|set(?:Timeout|Interval)\(\s*[\"'`]": "turns text into code",
    r"[\s\"]on[a-z]+=[\"'$]": "is an inline handler",
    r"\sstyle=": "is an inline style",
    r"https?://": "is somewhere else",
    r"\bconsole\.(?:log|debug|info)\b": "is left from looking for a fault",
}


def test_given_the_starts_then_every_module_is_reached_and_every_import_is_there():
    texts = modules()
    reached, waiting = set(), [UI / start for start in AT_THE_START]
    while waiting:
        path = waiting.pop()
        assert path.is_file(), name(path)
        if path in texts and path not in reached:
            reached.add(path)
            waiting += imports(path, texts[path])

    unreached = [name(path) for path in texts if path not in reached]

    assert not unreached, report(unreached)


def test_given_imports_then_each_stays_within_the_tree_and_names_a_file():
    allowed = (*FOLDERS, UI / "vendor")

    wrong = [
        f"{name(path)} imports {imported}"
        for path, text in modules().items()
        for imported in imports(path, text)
        if not imported.is_file() or not any(map(imported.is_relative_to, allowed))
    ]

    assert not wrong, report(wrong)


def test_given_every_module_then_none_has_more_than_200_lines():
    wrong = [name(path) for path, text in modules().items() if text.count("\n") > MOST_LINES]

    assert not wrong, report(wrong)


def test_given_every_module_then_it_says_first_what_it_is_for():
    wrong = [name(path) for path, text in modules().items() if not text.startswith("// ")]

    assert not wrong, report(wrong)


def test_given_every_module_then_nothing_in_it_is_unsafe():
    wrong = [
        f"{name(path)}: {match.group().strip()} {why}"
        for path, text in modules().items()
        for pattern, why in UNSAFE.items()
        for match in re.finditer(pattern, code(text))
    ]

    assert not wrong, report(wrong)


def test_given_a_module_with_everything_that_is_unsafe_then_each_is_found():
    samples = [
        "box.innerHTML = text",
        "html`${unsafeHTML(text)}`",
        'setTimeout("go()", 1)',
        '<button onclick="go()">',
        '<p style="color: red">',
        'fetch("https://elsewhere.example")',
        "console.log(1)",
    ]

    found = [text for text in samples if any(re.search(one, code(text)) for one in UNSAFE)]

    assert found == samples


def test_given_templates_then_every_button_says_its_type_or_is_the_one_that_sends():
    buttons = [
        (name(path), match.group())
        for path, text in modules().items()
        for match in re.finditer(r"<button[^>]*", text)
    ]

    untyped = [
        f"{where}: {button}"
        for where, button in buttons
        if "type=" not in button and "data-act>" not in f"{button}>" and "data-act" not in button
    ]

    assert not untyped, report(untyped)


def test_given_the_widget_then_no_library_comes_with_it_into_the_pages_of_others():
    widgets = UI / "widgets"
    allowed = (widgets, UI / "shared")

    wrong = [
        f"{name(path)} imports {imported}"
        for path, text in modules().items()
        if path.is_relative_to(widgets)
        for imported in imports(path, text)
        if not any(map(imported.is_relative_to, allowed))
    ]

    assert not wrong, report(wrong)


def test_given_the_filter_of_the_audit_page_then_every_action_can_be_chosen_there():
    page = modules()[UI / "console/pages/audit.js"]
    listed = page[page.index("const ACTIONS") : page.index("flatMap")]

    assert sorted(re.findall(r"[a-z]+\.[a-z_]+", listed)) == sorted(Action)

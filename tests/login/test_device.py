import json
import sys

import pytest
import user_agents
from hypothesis import given
from hypothesis import strategies as st
from user_agents import parse

from sidecar.core.policy import DeviceRule
from sidecar.core.session import Kind
from sidecar.core.user_agent import LONGEST, clean_user_agent
from sidecar.login.client_hints import NO_HINTS, ClientHints
from sidecar.login.device import LONGEST_NAME, device_of, kind_of

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Safari/605.1.15"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
ELECTRON = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Notebook/3.2.1 Chrome/128.0.0.0 Electron/32.0.1 Safari/537.36"
)
MAC_WEBVIEW = SAFARI.removesuffix(" Version/18.0 Safari/605.1.15")
GTK_WEBVIEW = SAFARI.replace("Macintosh; Intel Mac OS X 10_15_7", "X11; Linux x86_64")
EDGE = f"{CHROME} Edg/140.0.0.0"


@pytest.mark.parametrize(
    ("user_agent", "label", "type_"),
    [
        (FIREFOX, "Firefox on Linux", "desktop"),
        (CHROME, "Chrome on Windows", "desktop"),
        (SAFARI, "Safari on macOS", "desktop"),
        (IPHONE, "Safari on iOS", "mobile"),
        (ELECTRON, "Notebook on Windows", "desktop_app"),
        (f"{MAC_WEBVIEW} DoCodeGo/1.4", "DoCodeGo on macOS", "desktop_app"),
        (MAC_WEBVIEW, "Desktop app on macOS", "desktop_app"),
        (GTK_WEBVIEW, "Desktop app on Linux", "desktop_app"),
        ("tauri-plugin-http/2.5.2", "Desktop app", "desktop_app"),
        ("AtlasDesk/1.0 Tauri/2.1 (Linux x86_64)", "AtlasDesk on Linux", "desktop_app"),
        ("Mozilla/5.0 (Macintosh) Tauri/2.0", "Desktop app", "desktop_app"),
        ("curl/8.5.0", "curl", "unknown"),
        ("", "Unknown device", "unknown"),
        ("%%%", "Unknown device", "unknown"),
        ("Mozilla/5.0", "Unknown device", "unknown"),
        ("Mozilla/5.0 " + "(" * 500, "Unknown device", "unknown"),
    ],
)
def test_given_a_user_agent_then_the_device_gets_a_name_that_people_know(
    user_agent: str, label: str, type_: str
) -> None:
    device = device_of(user_agent)

    assert device.label.startswith(label)
    assert device.type == type_


def test_given_a_desktop_application_then_the_session_is_of_that_kind() -> None:
    assert kind_of(device_of(ELECTRON)) is Kind.DESKTOP
    assert kind_of(device_of(FIREFOX)) is Kind.BROWSER


def test_given_the_name_of_the_product_then_every_desktop_program_has_it_and_no_browser() -> None:
    webview2 = ClientHints(browser="Edge", system="Windows 11", webview2=True)

    def label(user_agent: str, hints: ClientHints = NO_HINTS) -> str:
        return device_of(user_agent, (), hints, "DoCodeGo Desktop").label

    assert label(ELECTRON) == "DoCodeGo Desktop on Windows"
    assert label(MAC_WEBVIEW) == "DoCodeGo Desktop on macOS"
    assert label(GTK_WEBVIEW) == "DoCodeGo Desktop on Linux"
    assert label(EDGE, webview2) == "DoCodeGo Desktop on Windows 11"
    assert label(EDGE) == "Edge on Windows"
    assert label(SAFARI) == "Safari on macOS"
    assert kind_of(device_of(EDGE, (), webview2)) is Kind.DESKTOP


def test_given_client_hints_then_they_tell_what_the_user_agent_does_not() -> None:
    brave = ClientHints(browser="Brave", system="Windows 11")
    phone = ClientHints(browser="Chrome", system="Android", mobile=True)

    assert device_of(CHROME, (), brave).label == "Brave on Windows 11"
    assert device_of(CHROME, (), brave).type == "desktop"
    assert device_of(CHROME, (), phone).type == "mobile"
    assert device_of(CHROME, (), ClientHints(system="Windows 10")).label == "Chrome on Windows 10"


def test_given_a_rule_for_a_desktop_program_then_its_session_is_of_that_kind() -> None:
    plain = (DeviceRule("*notebook/*", "Notebook"),)
    phone = (DeviceRule("*notebook/*", "Notebook", "mobile"),)

    assert kind_of(device_of(ELECTRON, plain)) is Kind.DESKTOP
    assert device_of(FIREFOX, (DeviceRule("*firefox*", "Fox"),)).type == "desktop"
    assert device_of(ELECTRON, phone).type == "mobile"


def test_given_rules_then_the_first_that_matches_as_a_whole_names_the_device() -> None:
    rules = (
        DeviceRule("notebook/*", "Not reached: not the whole"),
        DeviceRule("*NOTEBOOK/*electron/*", "Notebook for teams", "desktop_app"),
        DeviceRule("*", "Everything else"),
    )

    assert device_of(ELECTRON, rules).label == "Notebook for teams"
    assert device_of(ELECTRON, rules).os == "Windows"
    assert device_of(FIREFOX, rules).label == "Everything else"
    assert device_of("a", (DeviceRule("a*a", "Too short"),)).label != "Too short"
    assert device_of("xay", (DeviceRule("x*a*y", "Right"),)).label == "Right"
    assert device_of("xy", (DeviceRule("x*a*y", "Wrong"),)).label != "Wrong"


def test_s_88_given_bytes_that_are_no_utf_8_then_any_json_writer_can_store_it() -> None:
    cleaned = clean_user_agent("b\udce9ta\r\n\x1b[31m\u2028{{x}}\u202e" + "z" * 1_000_000)

    assert json.dumps(cleaned, ensure_ascii=False).encode()
    assert cleaned.startswith("b\ufffdta [31m {{x}} zzz")
    assert len(cleaned) == LONGEST


def test_given_nothing_but_an_instant_then_it_is_dropped() -> None:
    assert clean_user_agent("2026-01-01T00:00:00.000Z") == ""
    assert clean_user_agent("2026-01-01") == ""
    assert clean_user_agent("Thing/2026-01-01") == "Thing/2026-01-01"


@given(st.text(st.characters(codec=None), max_size=600))
def test_given_any_text_then_it_is_cleaned_and_named(raw: str) -> None:
    cleaned = clean_user_agent(raw.encode("utf-8", "replace").decode())

    assert len(cleaned) <= LONGEST
    assert cleaned == clean_user_agent(cleaned) or not clean_user_agent(cleaned)
    assert device_of(cleaned).label


@pytest.mark.parametrize(
    "user_agent",
    [
        "A" * 8000,
        "(" * 8000,
        "Mozilla/5.0 (" + "Android; " * 900,
        "<script>alert(1)</script>/1.0 {{7*7}} ${x}",
        "2026-01-01T00:00:00.000Z/1.0",
        "Chrome/2026-01-01",
        "\r\nSet-Cookie: a=b\r\n\r\n",
        "\udcff\udcfe\x00\x80",
        "Electron/ " * 800,
        '"; DROP TABLE sessions; --/1.0',
    ],
)
def test_s_88_given_a_hostile_user_agent_then_its_device_fits_into_every_list(
    user_agent: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def reading(text: str) -> object:
        read.append(text)
        return parse(text)

    monkeypatch.setattr(user_agents, "parse", reading)

    device = device_of(clean_user_agent(user_agent))

    assert all(len(text) <= LONGEST for text in read)
    for text in (device.label, device.browser, device.os):
        assert json.dumps(text, ensure_ascii=False).encode()
        assert len(text) <= 2 * LONGEST_NAME + len(" on ")
        assert text.isprintable()
        assert not clean_user_agent(text) or clean_user_agent(text) == text


def test_given_a_pattern_made_to_be_slow_then_the_text_is_gone_through_once() -> None:
    pattern = "*a" * 120 + "*b"
    calls = 0
    device_of("a" * LONGEST)  # the parser keeps what it has found

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "c_call"

    sys.setprofile(count)
    try:
        device = device_of("a" * LONGEST, (DeviceRule(pattern, "Never"),))
        with_one = calls
        calls = 0
        device_of("a" * LONGEST, ())
    finally:
        sys.setprofile(None)

    assert device.label != "Never"
    assert with_one - calls < 3 * pattern.count("*")

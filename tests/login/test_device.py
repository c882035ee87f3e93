import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.policy import DeviceRule
from sidecar.core.session import Kind
from sidecar.login.device import LONGEST, clean_user_agent, device_of, kind_of

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


@pytest.mark.parametrize(
    ("user_agent", "label", "type_"),
    [
        (FIREFOX, "Firefox on Linux", "desktop"),
        (CHROME, "Chrome on Windows", "desktop"),
        (SAFARI, "Safari on macOS", "desktop"),
        (IPHONE, "Safari on iOS", "mobile"),
        (ELECTRON, "Notebook on Windows", "desktop_app"),
        ("AtlasDesk/1.0 Tauri/2.1 (Linux x86_64)", "AtlasDesk on Linux", "desktop_app"),
        ("Mozilla/5.0 (Macintosh) Tauri/2.0", "Desktop app", "desktop_app"),
        ("curl/8.5.0", "curl", "unknown"),
        ("", "Unknown device", "unknown"),
        ("%%%", "Unknown device", "unknown"),
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

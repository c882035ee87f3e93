import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.login.client_hints import NO_HINTS, ClientHints, read_hints

EDGE = '"Microsoft Edge";v="129", "Not=A?Brand";v="8", "Chromium";v="129"'
BRAVE = '"Brave";v="140", "Not=A?Brand";v="8", "Chromium";v="140"'


def hints(brands: str = "", platform: str = "", version: str = "", mobile: str = "") -> ClientHints:
    sent = {
        "Sec-CH-UA": brands,
        "Sec-CH-UA-Platform": platform,
        "Sec-CH-UA-Platform-Version": version,
        "Sec-CH-UA-Mobile": mobile,
    }
    return read_hints({name: value for name, value in sent.items() if value})


@pytest.mark.parametrize(
    ("brands", "browser"),
    [
        (EDGE, "Edge"),
        (BRAVE, "Brave"),
        ('"Google Chrome";v="140", "Chromium";v="140", "Not;A=Brand";v="24"', "Chrome"),
        ('"Chromium";v="140", "Opera";v="120"', "Opera"),
        ('"Chromium";v="140", "Not;A=Brand";v="24"', ""),
        ('"<b>Brave</b>";v="1"', ""),
        ("Brave", ""),
    ],
)
def test_given_brands_then_the_browser_is_one_that_we_know_or_none(
    brands: str, browser: str
) -> None:
    assert hints(brands).browser == browser


@pytest.mark.parametrize(
    ("version", "system"),
    [
        ('"15.0.0"', "Windows 11"),
        ('"13.0.0"', "Windows 11"),
        ('"10.0.0"', "Windows 10"),
        ('"1.0.0"', "Windows 10"),
        ('"0.3.0"', "Windows"),
        ("", "Windows"),
        ('"eleven"', "Windows"),
        ('"99999999999999999999"', "Windows"),
        ('"١٥"', "Windows"),
    ],
)
def test_given_the_version_of_the_platform_then_windows_11_is_told_from_10(
    version: str, system: str
) -> None:
    assert hints(platform='"Windows"', version=version).system == system


def test_given_another_platform_then_its_version_says_nothing() -> None:
    assert hints(platform='"macOS"', version='"15.0.0"').system == "macOS"
    assert hints(platform='"Chromium OS"').system == "ChromeOS"
    assert hints(platform='"BeOS"').system == ""


def test_given_a_phone_and_webview2_then_both_are_told() -> None:
    assert hints(mobile="?1").mobile
    assert not hints(mobile="?0").mobile
    assert not hints(mobile="1").mobile
    assert hints(f'{EDGE}, "Microsoft Edge WebView2";v="129"').webview2
    assert not hints(EDGE).webview2


def test_given_no_hints_then_nothing_is_said() -> None:
    assert read_hints({}) == NO_HINTS


@given(st.text(max_size=4000), st.text(max_size=50), st.text(max_size=50))
def test_given_any_text_then_what_is_shown_is_from_our_tables(
    brands: str, platform: str, version: str
) -> None:
    found = hints(brands, platform, version)

    assert found.browser in {
        "",
        "Brave",
        "Chrome",
        "DuckDuckGo",
        "Edge",
        "Opera",
        "Opera GX",
        "Samsung Internet",
        "Vivaldi",
    }
    assert len(found.system) <= len("Windows 11")

import pytest

from sidecar.login.client_hints import ClientHints
from sidecar.login.desktop_shell import shell_of

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
GTK = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 "
    "Safari/605.1.15"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/128.0.0.0 Safari/537.36 Edg/128.0.0.0"
)
CHROMIUM = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) Mobile/15E148"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (MAC, ""),
        (f"{MAC} DoCodeGo/1.4", "DoCodeGo"),
        (GTK, ""),
        (f"{CHROMIUM} Notebook/3.2.1 Chrome/128.0.0.0 Electron/32.0.1 Safari/537.36", "Notebook"),
        (f"{CHROMIUM} @notebook/desktop/3.2 Chrome/128.0 Electron/32.0 Safari/537.36", "notebook"),
        (f"{CHROMIUM} Chrome/128.0.0.0 Electron/32.0.1 Safari/537.36", ""),
        ("tauri-plugin-http/2.5.2", ""),
        ("AtlasDesk/1.0 Tauri/2.1 (Linux x86_64)", "AtlasDesk"),
        (f"{CHROMIUM} wry/0.50", ""),
    ],
)
def test_given_a_program_that_shows_pages_then_it_is_told_with_the_name_it_gives(
    user_agent: str, name: str
) -> None:
    assert shell_of(user_agent) == name


@pytest.mark.parametrize(
    "user_agent",
    [
        f"{MAC} Version/18.0 Safari/605.1.15",
        f"{MAC} CriOS/140.0 Safari/605.1.15",
        f"{GTK} Epiphany/605.1.15",
        f"{CHROMIUM} Chrome/140.0.0.0 Safari/537.36",
        EDGE,
        IPHONE,
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "curl/8.5.0",
        "Centauri/1.0",
        "",
    ],
)
def test_given_a_browser_a_phone_or_a_tool_then_it_is_none(user_agent: str) -> None:
    assert shell_of(user_agent) is None


def test_given_the_user_agent_of_edge_then_the_hints_tell_webview2() -> None:
    assert shell_of(EDGE, ClientHints(browser="Edge", webview2=True)) == ""
    assert shell_of(EDGE, ClientHints(browser="Edge")) is None

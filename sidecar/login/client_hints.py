"""What a browser says of itself beside its User-Agent, which many of them froze or share.

Brands, platform and whether it is a phone come with every request over https; the version of the
platform once a page has asked for it (`Accept-CH`): nothing else tells Windows 11 from 10. Values
are looked up in the tables here and never shown, so that a hostile one is worth nothing.
Source: W3C User-Agent Client Hints; RFC 8942.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ASKED_FOR = "Sec-CH-UA-Platform-Version"
"""What the sign-in page asks for."""

_LONGEST = 256
_BRAND = re.compile(r'"([^"\\]{1,40})" *; *v=')
_WEBVIEW2 = "Microsoft Edge WebView2"
# In this order: a browser names the ones that it is made of, too.
_BROWSERS: Mapping[str, str] = MappingProxyType(
    {
        "Brave": "Brave",
        "Microsoft Edge": "Edge",
        "Opera": "Opera",
        "Opera GX": "Opera GX",
        "Vivaldi": "Vivaldi",
        "Samsung Internet": "Samsung Internet",
        "DuckDuckGo": "DuckDuckGo",
        "Google Chrome": "Chrome",
    }
)
_SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "Windows": "Windows",
        "macOS": "macOS",
        "Linux": "Linux",
        "Android": "Android",
        "Chrome OS": "ChromeOS",
        "Chromium OS": "ChromeOS",
        "iOS": "iOS",
    }
)
_WINDOWS_11 = 13
"""The first version of the platform, as browsers count, that is Windows 11; 10 is from 1 on."""


@dataclass(frozen=True, slots=True)
class ClientHints:
    """browser, system: as people know them, empty if not said. webview2: a program that shows
    pages in Edge's engine, whose User-Agent is that of Edge."""

    browser: str = ""
    system: str = ""
    mobile: bool = False
    webview2: bool = False


NO_HINTS = ClientHints()


def read_hints(fields: Mapping[str, str]) -> ClientHints:
    """Return what the header fields say; of what is not understood, nothing. Never raises."""
    brands = set(_BRAND.findall(_cut(fields, "Sec-CH-UA")))
    system = _SYSTEMS.get(_unquoted(fields, "Sec-CH-UA-Platform"), "")
    if system == "Windows":
        system = _windows(_unquoted(fields, ASKED_FOR))
    return ClientHints(
        browser=next((name for brand, name in _BROWSERS.items() if brand in brands), ""),
        system=system,
        mobile=_cut(fields, "Sec-CH-UA-Mobile") == "?1",
        webview2=_WEBVIEW2 in brands,
    )


def _windows(version: str) -> str:
    major = re.match(r"[0-9]{1,4}(?![0-9])", version, re.ASCII)
    if not major or int(major[0]) == 0:
        return "Windows"
    return "Windows 11" if int(major[0]) >= _WINDOWS_11 else "Windows 10"


def _cut(fields: Mapping[str, str], name: str) -> str:
    return fields.get(name, "")[:_LONGEST].strip()


def _unquoted(fields: Mapping[str, str], name: str) -> str:
    return _cut(fields, name).strip('"')

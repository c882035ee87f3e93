"""Which User-Agents are those of a program on a desktop that shows pages in a browser's engine.

What they send, when nobody has changed it:

    Electron            … AppleWebKit/537.36 (KHTML, like Gecko) ITS-NAME/1.0 Chrome/… Electron/…
    Tauri on macOS      … AppleWebKit/605.1.15 (KHTML, like Gecko): no Version, no Safari
    Tauri on Linux      … Version/17.4 Safari/605.1.15: WebKitGTK, as there is no Safari on Linux
    Tauri on Windows    exactly that of Edge; WebView2 shows in the client hints only
    requests by Tauri   tauri-plugin-http/2.5

WebKitGTK is also the engine of GNOME Web, which since some years sends the same: it counts as a
program. A name that the program gives is taken over.
"""

import re

from sidecar.login.client_hints import NO_HINTS, ClientHints

_NAMED = re.compile(r"\b(?:Electron|Wails|Wry|NW\.?js)/|\bTauri\b", re.IGNORECASE)
_WEBKIT = re.compile(r"AppleWebKit/60[0-9]\.")
_ON_MAC = "(Macintosh; "
_ON_X11 = "(X11; "
_COMMENT = re.compile(r"\([^()]*\)")
_PRODUCT = re.compile(r"(?<![\w./-])@?([A-Za-z][\w.-]{1,39})/[\w.+-]+")
_BROWSER_WORDS = frozenset("version safari chrome chromium firefox crios fxios".split())
_ENGINES = frozenset(
    "mozilla applewebkit chrome chromium safari gecko version mobile electron tauri wails nw.js"
    " nwjs edg edge webkit khtml wry webview2 tauri-plugin-http tauri-plugin-fetch".split()
)


def shell_of(user_agent: str, hints: ClientHints = NO_HINTS) -> str | None:
    """Return what a program calls itself, empty if it does not say; None for a browser.

    user_agent: at most 512 characters, so that every search here is short.
    """
    products = _PRODUCT.findall(_COMMENT.sub(" ", user_agent))
    own = [name for name in products if name.lower() not in _ENGINES]
    if _NAMED.search(user_agent):
        return own[0] if own else ""
    if not _WEBKIT.search(user_agent):
        return "" if hints.webview2 else None
    words = {name.lower() for name in products}
    if _ON_MAC in user_agent and not words & _BROWSER_WORDS:
        return own[0] if own else ""
    if _ON_X11 in user_agent and words >= {"version", "safari"} and not own:
        return ""
    return None

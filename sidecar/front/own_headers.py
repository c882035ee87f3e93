"""The header fields of everything that is ours: pages, JSON and files.

Source: ASVS 5.0 3.4.1 to 3.4.8 and 3.5.8.
"""

from collections.abc import Mapping

from sidecar.login.client_hints import ASKED_FOR

_PAGE = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
PAGE_POLICY = f"{_PAGE}; form-action 'self'"
# Chromium holds `form-action` against every redirect that follows the form. After signing in these
# are the application's own, and one to another origin would leave people on a sign-in page that
# does nothing. The form's target stands in the template, and nothing from outside becomes markup.
DOOR_POLICY = _PAGE
SENDING_POLICY = f"{PAGE_POLICY}; connect-src 'self'"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"
_TRANSPORT = "max-age=31536000; includeSubDomains"


class OwnHeaders:
    """Header fields by what is answered. door: the pages that people sign in on.
    sending: a page whose script sends something itself. secure: people
    reach us by https."""

    def __init__(self, *, secure: bool) -> None:
        common = {
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if secure:
            common["Strict-Transport-Security"] = _TRANSPORT
        self.data: Mapping[str, str] = {
            **common,
            "Cache-Control": "no-store",
            "Content-Security-Policy": DATA_POLICY,
        }
        self.page: Mapping[str, str] = {
            **common,
            "Cache-Control": "no-store",
            "Content-Security-Policy": PAGE_POLICY,
            "Cross-Origin-Opener-Policy": "same-origin",
            "X-Frame-Options": "DENY",
            "Vary": "Accept-Language, Cookie",
        }
        self.door: Mapping[str, str] = {
            **self.page,
            "Content-Security-Policy": DOOR_POLICY,
            "Accept-CH": ASKED_FOR,
        }
        self.sending: Mapping[str, str] = {**self.page, "Content-Security-Policy": SENDING_POLICY}
        self.file: Mapping[str, str] = common

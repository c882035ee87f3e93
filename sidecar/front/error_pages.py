"""The pages that the front answers with by itself, outside aiohttp, as bytes.

Each comes with the header fields that a page needs besides those that every answer of ours has.
"""

from sidecar.front.own_headers import OwnHeaders
from sidecar.login.pages import Pages

_EVERYWHERE = frozenset(
    {
        "Cache-Control",
        "X-Content-Type-Options",
        "Referrer-Policy",
        "Cross-Origin-Resource-Policy",
    }
)


class RenderedErrorPages:
    """Implements `answers.ErrorPages` with the pages of `login`."""

    def __init__(self, pages: Pages, headers: OwnHeaders) -> None:
        self._pages = pages
        fields = {
            "Content-Type": "text/html; charset=utf-8",
            **{name: value for name, value in headers.page.items() if name not in _EVERYWHERE},
        }
        self._fields = "".join(f"{name}: {value}\r\n" for name, value in fields.items()).encode()

    def sign_in(self, code: str, return_to: str, language: str) -> tuple[bytes, bytes]:
        """The page of a 401: it goes to the sign-in page at once."""
        return self._fields, self._pages.needed(code, return_to, language).encode()

    def error(
        self, status: int, code: str, detail: str, request_id: str, language: str
    ) -> tuple[bytes, bytes]:
        """The page of any other refusal."""
        page = self._pages.error(status, code, detail, request_id, language)
        return self._fields, page.encode()

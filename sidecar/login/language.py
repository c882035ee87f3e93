"""Which language a person reads our pages in: the one they chose, else the one their browser asks
for most.

The choice is in a cookie that scripts may read and set, since the console, the dialogs and the
element for other pages go by it too. It is a word out of a short list; nothing else is
believed.
"""

from collections.abc import Mapping

from sidecar.core.cookies import take_cookie
from sidecar.login.texts import Catalogue, choose_language

NAMES: Mapping[str, str] = {
    "ar": "العربية",
    "de": "Deutsch",
    "en": "English",
    "es": "Español",
    "fr": "Français",
    "ja": "日本語",
}
"""Each in its own words, so that those who need it can read it."""

PLAIN_NAME = "sidecar-language"
SECURE_NAME = f"__Host-{PLAIN_NAME}"
_A_YEAR = 365 * 24 * 60 * 60


class Languages:
    """The languages of one installation. secure: people reach us by https."""

    def __init__(self, catalogue: Catalogue, *, secure: bool) -> None:
        self.catalogue = catalogue
        self._name = SECURE_NAME if secure else PLAIN_NAME
        self._attributes = f"; Max-Age={_A_YEAR}; Path=/; SameSite=Lax" + (
            "; Secure" if secure else ""
        )

    @property
    def named(self) -> list[tuple[str, str]]:
        """Return every language with its own name, in the order of the names."""
        pairs = ((one, NAMES.get(one, one)) for one in self.catalogue.languages)
        return sorted(pairs, key=lambda pair: pair[1].casefold())

    def of(self, cookie: bytes | None, accept_language: str) -> str:
        """Return the language to answer in. cookie, accept_language: what the fields say."""
        chosen = self._remembered(cookie) if cookie is not None else ""
        return chosen or choose_language(accept_language, self.catalogue.languages)

    def is_offered(self, language: str) -> bool:
        return language in self.catalogue.languages

    def cookie(self, language: str) -> str:
        """Return the `Set-Cookie` value that remembers a language."""
        return f"{self._name}={language}{self._attributes}"

    def _remembered(self, cookie: bytes) -> str:
        name = self._name.encode("ascii")
        if name not in cookie:
            return ""
        value = take_cookie((cookie,), name).value or b""
        language = value.decode("ascii", "replace")
        return language if self.is_offered(language) else ""

"""The pages that the server renders: sign-in, the cap, sign-out, the 401 page and the error pages.

Everything that comes from outside goes through Jinja2's autoescape; nothing is ever a template or a
script. No page holds a password or a token, whatever was sent (cases S-55, S-87).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Literal
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from sidecar.core.passwords import Weakness, least_length
from sidecar.core.policy import PasswordPolicy
from sidecar.core.return_to import HOME, safe_return_to
from sidecar.core.session import Session
from sidecar.login.assets import Assets
from sidecar.login.language import Languages
from sidecar.login.texts import Catalogue, Texts, device_name

Fault = Literal[
    "wrong",
    "challenge_invalid",
    "empty",
    "banned",
    "locked",
    "large",
    "busy",
    "store",
    "foreign",
    "provider",
    "provider_denied",
    "provider_refused",
    "provider_silent",
    "provider_stale",
]
REASONS = frozenset(
    {
        "session_revoked",
        "session_idle",
        "session_expired",
        "session_signed_out",
        "session_invalid",
    }
)
_OTHER_ERROR = "door.error_other"
_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SignInView:
    """What the sign-in page says. reason: the code of the 401 that led here; fault: what was wrong
    with the last attempt. signed_in_as: the person whose session is alive."""

    return_to: str = HOME
    username: str = ""
    reason: str = ""
    fault: Fault | Literal[""] = ""
    retry_after: timedelta = timedelta()
    signed_in_as: str = ""

    @property
    def minutes(self) -> int:
        return max(ceil(self.retry_after / _MINUTE), 1)


@dataclass(frozen=True, slots=True)
class Offered:
    """An identity provider on the sign-in page. first: the one that most people use."""

    name: str
    label: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class _When:
    machine: str
    shown: str
    ago: str


class Pages:
    """Renders for one installation. public_url: its host is what people know the application by.
    offered: the providers to sign in by."""

    def __init__(
        self,
        public_url: str,
        mount: str,
        assets: Assets,
        catalogue: Catalogue,
        offered: Sequence[Offered] = (),
    ) -> None:
        self.languages = Languages(catalogue, secure=public_url.startswith("https:"))
        self._catalogue = catalogue
        self._mount = mount
        self._login_url = f"{mount}/login"
        self._own_paths = tuple(f"{mount}/{name}" for name in ("login", "logout", "reset", "api/"))
        self._environment = Environment(
            loader=PackageLoader("sidecar.login"),
            autoescape=select_autoescape(enabled_extensions=("html.j2",), default=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            host=urlsplit(public_url).netloc,
            asset=assets.url,
            login_url=self._login_url,
            login_address=self.login_address,
            provider_address=self.provider_address,
            offered=tuple(offered),
            logout_url=f"{mount}/logout",
            language_url=f"{mount}/language",
            languages=self.languages.named,
        )

    def prepare(self) -> None:
        """Compile every template, which takes tens of milliseconds: a thread's work, before the
        first person asks for a page."""
        for name in self._environment.list_templates():
            self._environment.get_template(name)

    def return_path(self, value: str | None) -> str:
        """Return the safe path to go back to; never one of our own doors, which go in a circle."""
        path = safe_return_to(value)
        return HOME if path.startswith(self._own_paths) else path

    def login_address(self, return_to: str = HOME, reason: str = "") -> str:
        """Return the sign-in page's address with the way back and the reason."""
        query = []
        if return_to != HOME:
            query.append("return_to=" + quote(return_to, safe="/"))
        if reason in REASONS:
            query.append("reason=" + reason)
        return self._login_url + ("?" + "&".join(query) if query else "")

    def provider_address(self, name: str, return_to: str = HOME) -> str:
        """Return the address that leads to a provider, with the way back."""
        query = "" if return_to == HOME else "?return_to=" + quote(return_to, safe="/")
        return f"{self._login_url}/{name}{query}"

    def sign_in(self, view: SignInView, language: str) -> str:
        """language: as `languages` chose it, or an `Accept-Language` field; here and below."""
        here = self.login_address(view.return_to, view.reason)
        return self._render("sign_in", self._catalogue.choose(language), here, view=view)

    def limit(
        self,
        sessions: Sequence[Session],
        username: str,
        return_to: str,
        now: datetime,
        language: str,
        *,
        provider: Offered | None = None,
    ) -> str:
        """The cap was reached by somebody who proved who they are: their sessions, to end one.

        The one that was quiet longest comes first. The password is asked again instead of being
        kept, or the provider: a page that holds it, or a cookie that stands for it, could be found
        later.
        """
        text = self._catalogue.choose(language)
        view = {
            "username": username,
            "return_to": return_to,
            "back": self.login_address(return_to),
            "provider": provider,
            "sessions": [
                {
                    "id": session.handle,
                    "device": device_name(session.device.label, text),
                    "ip_address": session.ip_address,
                    "created": _when(session.created_at, now, text),
                    "last_active": _when(session.last_active_at, now, text),
                }
                for session in sorted(sessions, key=lambda one: one.last_active_at)
            ],
        }
        return self._render("limit", text, self.login_address(return_to), view=view)

    def reset(
        self, policy: PasswordPolicy, return_to: str, *, required: bool, language: str
    ) -> str:
        """The page behind a link to set a new password. required: it must be changed to sign in."""
        return self._render(
            "reset",
            self._catalogue.choose(language),
            f"{self._mount}/reset",
            least=least_length(policy),
            required=required,
            back=self.login_address(return_to),
        )

    def weaknesses(self, weaknesses: Sequence[Weakness], language: str) -> list[str]:
        """Return what is wrong with a new password, in sentences."""
        text = self._catalogue.choose(language)
        return [text(f"door.weak_{because.value}", count=bound) for because, bound in weaknesses]

    def sign_out(self, signed_in_as: str, language: str) -> str:
        """Ask whether to sign out; or, for nobody, say that it is done."""
        text = self._catalogue.choose(language)
        return self._render("sign_out", text, f"{self._mount}/logout", signed_in_as=signed_in_as)

    def signed_out_here(self, label: str, address: str, language: str) -> str:
        """Say that it is done here, and go on to the provider to do it there."""
        text = self._catalogue.choose(language)
        return self._render("signed_out_here", text, "", label=label, onward=address)

    def needed(self, code: str, return_to: str, language: str) -> str:
        """The page of a 401: goes to the sign-in page at once and has a link to it."""
        return self._render(
            "needed",
            self._catalogue.choose(language),
            "",
            onward=self.login_address(self.return_path(return_to), code),
            reason=code if code in REASONS else "",
        )

    def error(
        self,
        status: int,
        code: str,
        request_id: str,
        language: str,
        detail: str = "",
        *,
        back: str = HOME,
        sent: bool = False,
    ) -> str:
        """detail: said where the catalogue has no sentence for the code nor for the status. back:
        where somebody else would want to go. sent: the request carried what a person had entered,
        which following a link would not send again."""
        text = self._catalogue.choose(language)
        keys = (f"door.error_{code}", f"door.error_{status}", _OTHER_ERROR)
        key = next(key for key in keys if key in text)
        may_pass = status >= 500
        return self._render(
            "error",
            text,
            back,
            status=status,
            code=code,
            request_id=request_id,
            again=may_pass and not sent,
            resend=may_pass and sent,
            other_person=self.login_address(self.return_path(back)) if code == "forbidden" else "",
            title=text(key),
            explained=text(key + "_explained") if key != _OTHER_ERROR else detail,
        )

    def render(self, name: str, language: str, **values: object) -> str:
        """Return a page that has no address to come back to."""
        return self._render(name, self._catalogue.choose(language), "", **values)

    def _render(self, name: str, text: Texts, here: str, **values: object) -> str:
        """here: the address to come back to in another language; none for a page on the way."""
        template = self._environment.get_template(f"{name}.html.j2")
        page = template.render(text=text, here=here, **values)
        return page.encode("utf-8", "replace").decode("utf-8")


def _when(at: datetime, now: datetime, text: Texts) -> _When:
    """Return an instant for machines, for people, and by how long ago it was."""
    utc = at.astimezone(UTC)
    age = max(now - at, timedelta())
    if age < _MINUTE:
        ago = text("door.just_now")
    elif age < _HOUR:
        ago = text("door.minutes_ago", count=age // _MINUTE)
    elif age < 2 * _DAY:
        ago = text("door.hours_ago", count=age // _HOUR)
    else:
        ago = text("door.days_ago", count=age // _DAY)
    return _When(f"{utc:%Y-%m-%dT%H:%M:%SZ}", f"{utc:%Y-%m-%d %H:%M} UTC", ago)

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from jinja2 import PackageLoader

from sidecar.core.session import Device, Handle, Session
from sidecar.core.users import Role, UserId
from sidecar.login.assets import load_assets
from sidecar.login.pages import REASONS, Pages, SignInView
from sidecar.login.texts import load_catalogue

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
SESSION = Session(
    handle=Handle("h" * 30),
    secret_hash=b"SECRET-HASH",
    user_id=UserId("u1"),
    username="alice",
    role=Role.USER,
    created_at=NOW - timedelta(hours=3),
    last_active_at=NOW - timedelta(minutes=4),
    authenticated_at=NOW,
    ip_address="2001:db8::7",
    device=Device("Firefox on Linux"),
)
NASTY = "<script>alert(1)</script>{{7*7}}\"'><img src=x onerror=alert(1)>\u202e"


class Reading(HTMLParser):
    """Collects the elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        return [
            attributes
            for name, attributes in self.elements
            if name == tag and all(attributes.get(key) == value for key, value in wanted.items())
        ]


@pytest.fixture(scope="module")
def pages() -> Pages:
    return Pages(
        "https://wiki.example.com", "/_sidecar", load_assets("/_sidecar"), load_catalogue()
    )


def every_page(pages: Pages, text: str = "x") -> list[str]:
    session = replace(SESSION, device=Device(text), ip_address=text)
    return [
        pages.sign_in(SignInView(username=text, return_to="/a?" + text), ""),
        pages.sign_in(SignInView(signed_in_as=text, reason=""), "de"),
        pages.limit([session], text, "/a", NOW, ""),
        pages.sign_out(text, ""),
        pages.sign_out("", ""),
        pages.needed("session_revoked", "/" + text, ""),
        pages.error(503, text, text, "", text),
        pages.error(418, text, text, "", text),
    ]


def test_given_the_sign_in_page_then_it_names_the_application_and_the_way_back(
    pages: Pages,
) -> None:
    page = Reading(pages.sign_in(SignInView(return_to="/projects/atlas"), ""))

    assert "wiki.example.com" in page.text
    assert "/projects/atlas" in page.text
    assert page.all("input", name="return_to", value="/projects/atlas")


def test_given_the_sign_in_form_then_managers_and_keyboards_find_their_way(pages: Pages) -> None:
    page = Reading(pages.sign_in(SignInView(), ""))

    form, languages = page.all("form")
    assert form == {"method": "post", "action": "/_sidecar/login"}
    assert languages == {"method": "post", "action": "/_sidecar/language"}
    (username,) = page.all("input", name="username")
    (password,) = page.all("input", name="password")
    assert username["autocomplete"] == "username"
    assert "autofocus" in username
    assert password["autocomplete"] == "current-password"
    assert password["type"] == "password"
    assert "maxlength" not in password
    assert {label["for"] for label in page.all("label")} == {username["id"], password["id"]}
    assert "onpaste" not in pages.sign_in(SignInView(), "")


def test_given_a_failed_attempt_then_the_name_stays_and_the_password_has_the_focus(
    pages: Pages,
) -> None:
    page = Reading(pages.sign_in(SignInView(username="alice", fault="wrong"), ""))

    assert page.all("input", name="username", value="alice")
    assert "autofocus" in page.all("input", name="password")[0]
    assert page.all("div", role="alert", id="fault")
    assert "value" not in page.all("input", name="password")[0]


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_given_why_the_last_session_ended_then_the_page_says_so(pages: Pages, reason: str) -> None:
    text = load_catalogue().choose("")

    assert text(f"door.{reason}") in Reading(pages.sign_in(SignInView(reason=reason), "")).text


def test_given_a_lock_then_whole_minutes_are_named(pages: Pages) -> None:
    view = SignInView(fault="locked", retry_after=timedelta(minutes=14, seconds=1))

    assert "in 15 min" in pages.sign_in(view, "")


def test_given_the_cap_then_each_session_can_be_chosen_and_the_password_is_asked_again(
    pages: Pages,
) -> None:
    older = replace(SESSION, handle=Handle("o" * 30), last_active_at=NOW - timedelta(minutes=50))

    page = Reading(pages.limit([SESSION, older], "alice", "/a", NOW, ""))

    choices = page.all("input", type="radio", name="endSession")
    assert [choice["value"] for choice in choices] == ["o" * 30, "h" * 30]
    assert "Your open sessions: 2" in page.text
    assert "2026-03-04 09:00 UTC" in page.text
    assert "3 h ago" in page.text
    assert "4 min ago" in page.text
    assert "2001:db8::7" in page.text
    assert page.all("input", name="username", value="alice")
    (password,) = page.all("input", name="password")
    assert "value" not in password


def test_given_the_cap_in_another_language_then_devices_are_named_in_it(pages: Pages) -> None:
    nameless = replace(SESSION, handle=Handle("o" * 30), device=Device())

    page = Reading(pages.limit([SESSION, nameless], "alice", "/a", NOW, "de"))

    assert "Firefox unter Linux" in page.text
    assert "Unbekanntes Gerät" in page.text


def test_s_55_given_any_page_then_it_holds_no_secret(pages: Pages) -> None:
    assert all("SECRET" not in page for page in every_page(pages))


def test_s_87_given_markup_and_template_words_then_pages_render_text_only(pages: Pages) -> None:
    for page in every_page(pages, NASTY):
        read = Reading(page)
        scripts = read.all("script")
        assert all((one["src"] or "").startswith("/_sidecar/assets/") for one in scripts)
        assert not any("onerror" in attributes for _, attributes in read.elements)
        assert len(read.all("img")) == 1
        assert "49" not in read.text.replace("{{7*7}}", "")


def test_given_any_page_then_no_style_or_script_stands_in_it(pages: Pages) -> None:
    for page in every_page(pages):
        read = Reading(page)
        assert not read.all("style")
        assert all("src" in one for one in read.all("script"))
        assert not any("style" in attributes for _, attributes in read.elements)
        assert not any(
            name.startswith("on") for _, attributes in read.elements for name in attributes
        )


def test_given_the_page_of_a_401_then_it_goes_on_by_itself_and_by_a_link(pages: Pages) -> None:
    page = Reading(pages.needed("session_idle", "/a b?x=1&y=<2>", ""))

    address = "/_sidecar/login?return_to=/a%2520b%3Fx%3D1%26y%3D%253C2%253E&reason=session_idle"
    assert page.all("meta", content="0; url=" + address)
    assert page.all("a", href=address)


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/a", "/a"),
        ("//evil.example", "/"),
        ("/_sidecar/login?return_to=/_sidecar/login", "/"),
        ("/_sidecar/logout", "/"),
        ("/_sidecar/admin/", "/_sidecar/admin/"),
        (None, "/"),
    ],
)
def test_given_a_return_path_then_it_is_safe_and_no_circle(
    pages: Pages, asked: str | None, path: str
) -> None:
    assert pages.return_path(asked) == path


def test_given_a_reason_that_is_none_then_it_is_not_carried_on(pages: Pages) -> None:
    assert pages.login_address("/a", "<script>") == "/_sidecar/login?return_to=/a"
    assert pages.login_address() == "/_sidecar/login"


def test_given_a_failure_that_may_pass_then_its_page_leads_back_to_itself(pages: Pages) -> None:
    page = Reading(pages.error(502, "upstream_closed", "r-17", "", back="/a?b"))

    assert [link["href"] for link in page.all("a")] == [""]


def test_given_a_form_that_failed_then_no_link_pretends_to_send_it_again(pages: Pages) -> None:
    page = Reading(pages.error(502, "upstream_closed", "r-17", "", sent=True))

    assert [link["href"] for link in page.all("a")] == ["/"]
    assert "Go back, look at it and send it again." in page.text


def test_given_a_page_for_others_then_somebody_else_can_sign_in_and_get_there(
    pages: Pages,
) -> None:
    page = Reading(pages.error(403, "forbidden", "r-17", "", back="/office/plans"))

    links = [link["href"] for link in page.all("a")]
    assert links == ["/", "/_sidecar/login?return_to=/office/plans"]


@pytest.mark.parametrize("status", [502, 503, 504])
def test_given_a_page_that_strangers_see_too_then_it_calls_nobody_signed_in(
    pages: Pages, status: int
) -> None:
    assert "You are" not in Reading(pages.error(status, "some_code", "r-17", "")).text


def test_given_another_site_then_the_page_says_so_instead_of_speaking_of_rights(
    pages: Pages,
) -> None:
    page = Reading(pages.error(403, "cross_site_request", "r-17", ""))

    assert "This came from another site" in page.text
    assert "You are signed in" not in page.text


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 502, 503, 504, 418])
def test_given_an_error_then_its_page_says_what_to_do_and_names_the_request(
    pages: Pages, status: int
) -> None:
    page = Reading(pages.error(status, "some_code", "r-17", "de", "Said instead."))

    assert "r-17" in page.text
    assert str(status) in page.text
    assert page.all("html", lang="de", dir="ltr")
    assert page.all("a", **{"class": "btn"}) or page.all("a", **{"class": "btn quiet"})


def test_given_prepared_pages_when_all_are_shown_then_no_template_is_read_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pages = Pages("https://a.example", "/_sidecar", load_assets("/_sidecar"), load_catalogue())
    pages.prepare()

    monkeypatch.delattr(PackageLoader, "get_source")

    assert all(Reading(page).all("h1") for page in every_page(pages))

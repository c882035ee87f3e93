"""The pages of the second step: what they ask, and that nothing from outside becomes markup."""

from datetime import UTC, datetime

import pytest

from sidecar.core.factors import Offer, Qr
from sidecar.login.assets import load_assets
from sidecar.login.factor_pages import FactorPages
from sidecar.login.pages import Pages
from sidecar.login.texts import load_catalogue

HOSTILE = '"><script>alert(1)</script>'
LANGUAGES = ("en", "de", "fr", "es", "ja", "ar")


@pytest.fixture(scope="module")
def pages() -> FactorPages:
    mount = "/_sidecar"
    return FactorPages(
        Pages("https://wiki.example.com", mount, load_assets(mount), load_catalogue())
    )


def an_offer() -> Offer:
    at = datetime(2026, 3, 4, tzinfo=UTC)
    return Offer("challenge-1", "ABCDEFGH", "otpauth://x", Qr(29, "M4 4h1v1h-1z"), at)


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_language_then_all_three_pages_are_written_in_it(pages: FactorPages, language: str):
    written = (
        pages.code("challenge-1", "/", "", language),
        pages.enrol(an_offer(), "/", "wrong_code", language),
        pages.recovery(("abcd-efgh",), "/", language),
    )

    assert all(f'<html lang="{language}"' in page for page in written)
    assert len({page.partition("<h1>")[2].partition("</h1>")[0] for page in written}) == 3


def test_s_87_given_hostile_text_then_none_of_it_is_markup(pages: FactorPages):
    written = (
        pages.code(HOSTILE, HOSTILE, "", "en"),
        pages.recovery((HOSTILE,), HOSTILE, "en"),
    )

    assert all("<script>alert" not in page for page in written)


def test_given_an_app_to_set_up_then_its_picture_needs_no_style_and_no_address(pages: FactorPages):
    page = pages.enrol(an_offer(), "/a", "", "en")

    assert '<svg viewBox="0 0 29 29"' in page
    assert 'd="M4 4h1v1h-1z"' in page
    assert "style=" not in page
    assert "otpauth:" not in page

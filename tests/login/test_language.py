import pytest

from sidecar.core.cookies import is_own_cookie, sets_own_cookie
from sidecar.login.language import NAMES, PLAIN_NAME, SECURE_NAME, Languages
from sidecar.login.texts import Catalogue, load_catalogue
from tests.admin_ui.source import LANGUAGES

CATALOGUE = Catalogue(("en", "de", "ar"), lambda _: {})
PLAIN = Languages(CATALOGUE, secure=False)
SECURE = Languages(CATALOGUE, secure=True)


@pytest.mark.parametrize(
    ("cookie", "language"),
    [
        (None, "de"),
        (b"", "de"),
        (b"__Host-sidecar-language=ar", "ar"),
        (b"a=b;__Host-sidecar-language=ar ;c=d", "ar"),
        (b"__Host-sidecar-language=ar; __Host-sidecar-language=ar", "ar"),
        (b"__Host-sidecar-language=ar; __Host-sidecar-language=en", "de"),
        (b"sidecar-language=ar", "de"),
        (b"__host-sidecar-language=ar", "de"),
        (b"x__Host-sidecar-language=ar", "de"),
        (b"__Host-sidecar-language=AR", "de"),
        (b"__Host-sidecar-language=ar-EG", "de"),
        (b"__Host-sidecar-language=../../etc/passwd", "de"),
        (b"__Host-sidecar-language=\xff\xfe", "de"),
        (b"__Host-sidecar-language=" + b"a" * 100_000, "de"),
    ],
)
def test_given_what_was_chosen_and_what_the_browser_asks_for_then_the_choice_counts_if_it_is_one(
    cookie: bytes | None, language: str
) -> None:
    assert SECURE.of(cookie, "de-CH, en;q=0.5") == language


def test_given_a_plain_address_then_the_plain_cookie_counts_alone() -> None:
    assert PLAIN.of(b"sidecar-language=ar", "de") == "ar"
    assert PLAIN.of(b"__Host-sidecar-language=ar", "de") == "de"


def test_given_a_choice_then_scripts_may_read_it_and_no_other_site_makes_it_go_along() -> None:
    value = "sidecar-language=de; Max-Age=31536000; Path=/; SameSite=Lax"

    assert PLAIN.cookie("de") == value
    assert SECURE.cookie("de") == f"__Host-{value}; Secure"


@pytest.mark.parametrize("name", [PLAIN_NAME, SECURE_NAME])
def test_given_the_cookie_then_the_application_neither_gets_it_nor_sets_it(name: str) -> None:
    assert is_own_cookie(name.encode())
    assert sets_own_cookie(f"{name}=de; Path=/".encode())


def test_given_the_languages_of_the_product_then_each_has_a_name_of_its_own() -> None:
    languages = Languages(load_catalogue(), secure=True)

    assert set(NAMES) == set(LANGUAGES)
    assert sorted(code for code, _ in languages.named) == sorted(LANGUAGES)
    assert languages.named[0] == ("de", "Deutsch")


def test_given_a_language_without_a_name_then_its_code_stands_for_it() -> None:
    catalogue = Catalogue(("en", "nds"), lambda _: {})

    assert Languages(catalogue, secure=True).named == [("en", "English"), ("nds", "nds")]

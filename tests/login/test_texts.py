import json
import re
from importlib.resources import files
from pathlib import Path

import pytest

from sidecar.login.texts import Catalogue, Texts, load_catalogue

TWO = Catalogue({"en": {"a": "A", "b": "B {n}"}, "de": {"a": "Ä"}, "ar": {"a": "ا"}})


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("de;q=0, en", "en"),
        ("fr, de;q=0.3", "de"),
        ("DE", "de"),
        ("de;q=x, ;;, ,q=1", "en"),
        ("*", "en"),
        ("x," * 100_000, "en"),
    ],
)
def test_given_a_wish_then_the_language_that_is_wanted_most_is_chosen(
    accept_language: str, language: str
) -> None:
    assert TWO.choose(accept_language).language == language


def test_given_a_sentence_that_is_not_translated_then_the_english_one_stands() -> None:
    assert TWO.choose("de")("b", n=3) == "B 3"


def test_given_a_language_that_is_written_from_the_right_then_the_page_knows() -> None:
    assert TWO.choose("ar").direction == "rtl"
    assert TWO.choose("de").direction == "ltr"


def test_given_a_key_that_nobody_wrote_then_it_is_a_mistake() -> None:
    assert "zzz" not in TWO.choose("en")
    with pytest.raises(KeyError):
        TWO.choose("en")("zzz")


def test_given_the_languages_of_the_product_then_each_says_everything_with_the_same_places() -> (
    None
):
    folder = files("sidecar.login") / "locales"
    english = json.loads((folder / "en.json").read_text("utf-8"))

    for language in load_catalogue().languages:
        sentences = json.loads((folder / f"{language}.json").read_text("utf-8"))
        assert sentences.keys() == english.keys()
        for key, sentence in sentences.items():
            assert re.findall(r"\{\w+\}", sentence) == re.findall(r"\{\w+\}", english[key]), key


def test_given_a_value_that_looks_like_a_place_then_it_is_only_text() -> None:
    assert Texts("en", {"x": "{a}"})("x", a="{0.__class__}") == "{0.__class__}"


def test_given_the_languages_of_the_console_then_the_pages_on_the_way_to_it_speak_them_too() -> (
    None
):
    console = Path(__file__).parents[2] / "admin_ui" / "locales"

    assert load_catalogue().languages == tuple(sorted(file.stem for file in console.glob("*.json")))

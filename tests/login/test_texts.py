import re

import pytest

from sidecar.core.session import Device
from sidecar.login.texts import Catalogue, Texts, device_name, load_catalogue
from tests.admin_ui.source import LANGUAGES, locale
from tests.rules.source import ROOT

_WORDS: dict[str, dict[str, object]] = {
    "en": {"door.a": "A", "door.b": "B {n}", "door.c": {"one": "C", "other": "Cs"}, "tab.x": "X"},
    "de": {"door.a": "Ä"},
    "ar": {"door.a": "ا"},
    "pt-br": {"door.a": "Á"},
}
FEW = Catalogue(_WORDS, _WORDS.__getitem__)


@pytest.mark.parametrize(
    ("accept_language", "language"),
    [
        ("", "en"),
        ("de", "de"),
        ("de-AT,en;q=0.5", "de"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("en;q=0.5 , ar-EG ; Q=0.900", "ar"),
        ("de;q=0, en", "en"),
        ("fr, de;q=0.3", "de"),
        ("DE", "de"),
        ("pt-BR-x-rio, de", "pt-br"),
        ("pt, de;q=0.1", "de"),
        ("ar-Arab-EG-u-nu-latn", "ar"),
        ("de;q=x, ;;, ,q=1", "en"),
        ("de;q=5, ar;q=0.1", "ar"),
        ("de;q=inf, de;q=nan, de;q=-1", "en"),
        ("de_AT, d\xe9, ../../de, de\x00", "en"),
        ("*", "en"),
        ("x," * 100_000, "en"),
    ],
)
def test_given_a_wish_then_the_language_that_is_wanted_most_is_chosen(
    accept_language: str, language: str
) -> None:
    assert FEW.choose(accept_language).language == language


def test_given_a_sentence_that_is_not_translated_then_the_english_one_stands() -> None:
    assert FEW.choose("de")("door.b", n=3) == "B 3"


def test_given_a_language_that_is_written_from_the_right_then_the_page_knows() -> None:
    assert FEW.choose("ar").direction == "rtl"
    assert FEW.choose("de").direction == "ltr"


def test_given_a_key_that_nobody_wrote_or_that_is_for_scripts_alone_then_it_is_a_mistake() -> None:
    for key in ("zzz", "door.c", "tab.x"):
        assert key not in FEW.choose("en")
        with pytest.raises(KeyError):
            FEW.choose("en")(key)


def test_given_a_language_then_it_is_read_when_it_is_wanted_first_and_never_again() -> None:
    read: list[str] = []

    def note(language: str) -> dict[str, object]:
        read.append(language)
        return _WORDS[language]

    catalogue = Catalogue(_WORDS, note)
    catalogue.choose("fr")
    catalogue.choose("ar, de")
    catalogue.choose("ar-EG")

    assert read == ["en", "ar"]


def test_given_the_product_then_its_pages_speak_the_languages_of_the_console() -> None:
    catalogue = load_catalogue()

    assert catalogue.languages == tuple(sorted(LANGUAGES))
    for language in LANGUAGES:
        assert catalogue.choose(language)("door.needed") == locale(language)["door.needed"]


def test_given_the_sentences_of_the_pages_then_each_is_used_and_each_used_one_is_there() -> None:
    sources = [
        path.read_text("utf-8")
        for folder, kind in (("sidecar/login", "*.j2"), ("sidecar/login", "*.py"))
        for path in sorted((ROOT / folder).rglob(kind))
    ]
    dialogs = (ROOT / "sidecar/front/live_files.py").read_text("utf-8")
    text = "\n".join(sources)
    put_together = ("door.error_", "door.fault_", "door.session_", "door.weak_")
    english = locale("en")

    used = set(re.findall(r"[\"'](door\.[a-z_]+[a-z])[\"']", text))
    used |= {f"door.{word}" for word in re.findall(r"\"([a-z_]+)\"", dialogs)} & english.keys()
    unused = [
        key
        for key in english
        if key.startswith("door.") and key not in used and not key.startswith(put_together)
    ]

    assert sorted(used - english.keys()) == []
    assert unused == []


@pytest.mark.parametrize(
    ("label", "german"),
    [
        ("Firefox on Linux", "Firefox unter Linux"),
        ("Desktop app on macOS", "Desktop-Programm unter macOS"),
        ("Desktop app", "Desktop-Programm"),
        (Device().label, "Unbekanntes Gerät"),
        ("Warehouse kiosk", "Warehouse kiosk"),
    ],
)
def test_given_a_device_then_its_name_is_one_of_the_language(label: str, german: str) -> None:
    text = load_catalogue().choose

    assert device_name(label, text("de")) == german
    assert device_name(label, text("en")) == label


def test_given_a_value_that_looks_like_a_place_then_it_is_only_text() -> None:
    assert Texts("en", {"x": "{a}"})("x", a="{0.__class__}") == "{0.__class__}"


def test_given_two_sentences_of_the_pages_then_they_do_not_say_the_same_in_every_language() -> None:
    every = [locale(language) for language in LANGUAGES]
    said: dict[tuple[str, ...], list[str]] = {}
    for key, sentence in every[0].items():
        if isinstance(sentence, str):
            said.setdefault(tuple(str(one[key]) for one in every), []).append(key)

    twice = [keys for keys in said.values() if sum(key.startswith("door.") for key in keys) > 1]

    assert twice == []

"""The words of all our pages and the widget: complete in every language, and each of them used."""

import re
from typing import Any

import pytest

from tests.admin_ui.source import LANGUAGES, UI, locale, modules, shells
from tests.rules.source import report

OTHERS = LANGUAGES[1:]
ENGLISH = locale("en")
# What a count may ask for, by the rules of the language (Unicode CLDR). French and Spanish have a
# form for whole millions, which reads as `other` here.
FORMS = {
    "en": {"one", "other"},
    "de": {"one", "other"},
    "fr": {"one", "other"},
    "es": {"one", "other"},
    "ja": {"other"},
    "ar": {"zero", "one", "two", "few", "many", "other"},
}
SENTENCES_OF = {  # Keys that are put together in the source, by their beginning; and those of the
    # server's pages, which `tests/login/test_texts.py` looks for.
    "door.",
    "action.", "actor.", "alarm.", "alarm_count.", "alarm_detail.", "alarm_state.",
    "alarms.off_", "audit.", "ban.", "banner.", "chart.", "column.", "device.", "health.",
    "delivery.", "delivery_error.", "event.", "webhook.",
    "kind.", "live.", "menu.", "nav.", "overview.", "page.", "policy.", "problem.", "reason.",
    "factor.", "refused.", "role.", "severity.", "status.", "theme.", "unban.", "unlock.",
}  # fmt: skip


def places(sentence: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", sentence))


def forms(entry: Any) -> dict[str, str]:
    return entry if isinstance(entry, dict) else {"other": entry}


def test_given_the_folder_then_it_holds_the_six_languages_and_nothing_else():
    assert {path.name for path in (UI / "locales").iterdir()} == {
        f"{language}.json" for language in LANGUAGES
    }


@pytest.mark.parametrize("language", OTHERS)
def test_given_a_language_then_it_has_the_keys_of_english_in_the_same_order(language: str):
    assert list(locale(language)) == list(ENGLISH)


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_sentence_with_a_count_then_every_form_of_the_language_is_there(language: str):
    texts = locale(language)

    wrong = [
        key
        for key, entry in ENGLISH.items()
        if isinstance(entry, dict) and set(forms(texts[key])) != FORMS[language]
    ]

    assert not wrong, report(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_sentence_then_it_fills_in_what_the_english_one_does(language: str):
    texts = locale(language)

    wrong = []
    for key, entry in ENGLISH.items():
        wanted = places(forms(entry)["other"])
        said = forms(texts[key])
        # One, two or none need not be said in figures; the rest of the sentence has to be.
        loose = {form for form in said if form in {"zero", "one", "two"}}
        wrong += [
            f"{key} ({form})"
            for form, sentence in said.items()
            if places(sentence) != wanted
            and not (form in loose and places(sentence) <= wanted and language == "ar")
        ]

    assert not wrong, report(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_given_a_language_then_no_sentence_is_empty_or_has_spaces_at_its_ends(language: str):
    wrong = [
        key
        for key, entry in locale(language).items()
        for sentence in forms(entry).values()
        if not sentence or sentence != sentence.strip()
    ]

    assert not wrong, report(wrong)


@pytest.mark.parametrize("language", OTHERS)
def test_given_another_language_then_it_is_not_english_left_standing(language: str):
    texts = locale(language)
    long = [key for key, entry in ENGLISH.items() if len(forms(entry)["other"].split()) > 3]

    same = [key for key in long if forms(texts[key])["other"] == forms(ENGLISH[key])["other"]]

    assert [key for key in same if not key.startswith(("audit.line", "pager."))] == []


def test_given_the_modules_then_every_key_they_name_is_there_and_every_key_is_named():
    text = "\n".join(modules().values())
    named = set(re.findall(r'\b(?:t|rich|has)\(\s*"([a-z_]+\.[a-z_.]+)"', text))
    literal = set(re.findall(r'"([a-z_]+(?:\.[a-z_]+)+)"', text))

    placed = set(re.findall(r"\$\{([a-z_]+\.[a-z_]+)\}", "\n".join(shells().values())))
    named, literal = named | placed, literal | placed

    missing = sorted(named - ENGLISH.keys())
    unused = [
        key
        for key in ENGLISH
        if key not in literal and key != "noscript" and not key.startswith(tuple(SENTENCES_OF))
    ]

    assert not missing, report(missing)
    assert not unused, report(unused)

"""The words on our pages, by language: one JSON file of sentences each in `locales/`.

A language is offered when its file is there; English is complete by definition and is what every
other one falls back to, sentence by sentence.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files

FALLBACK = "en"
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_LONGEST_FIELD = 256


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of one language. Callable: `text("sign_in")`."""

    language: str
    sentences: Mapping[str, str]

    @property
    def direction(self) -> str:
        return direction_of(self.language)

    def __contains__(self, key: str) -> bool:
        return key in self.sentences

    def __call__(self, key: str, **values: object) -> str:
        """Return the sentence with its places filled. Raises KeyError for one that nobody wrote."""
        sentence = self.sentences[key]
        for name, value in values.items():
            sentence = sentence.replace("{" + name + "}", str(value))
        return sentence


class Catalogue:
    """All languages that there are."""

    def __init__(self, languages: Mapping[str, Mapping[str, str]]) -> None:
        english = languages[FALLBACK]
        self._texts = {
            name: Texts(name, {**english, **sentences}) for name, sentences in languages.items()
        }

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(sorted(self._texts))

    def choose(self, accept_language: str) -> Texts:
        """Return the texts that the `Accept-Language` field asks for most."""
        return self._texts[choose_language(accept_language, self._texts)]


def load_catalogue() -> Catalogue:
    """Read the languages that come with the product."""
    folder = files("sidecar.login") / "locales"
    return Catalogue(
        {
            one.name.removesuffix(".json"): json.loads(one.read_text("utf-8"))
            for one in folder.iterdir()
            if one.name.endswith(".json")
        }
    )


def choose_language(accept_language: str, offered: Collection[str]) -> str:
    """Return the one of the offered languages that the `Accept-Language` field asks for most."""
    for wanted in _by_wish(accept_language):
        for language in (wanted, wanted.partition("-")[0]):
            if language in offered:
                return language
    return FALLBACK


def direction_of(language: str) -> str:
    """Return what HTML calls the direction: `ltr` or `rtl`."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def _by_wish(accept_language: str) -> list[str]:
    """Return the language tags, most wanted first. Nonsense is passed over."""
    wishes = []
    for item in accept_language[:_LONGEST_FIELD].split(","):
        tag, _, weight = item.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=")) if weight else 1.0
        except ValueError:
            continue
        if quality > 0 and tag.strip():
            wishes.append((-quality, tag.strip().lower()))
    return [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]

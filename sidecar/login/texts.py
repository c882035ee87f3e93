"""The words on our pages, by language: those of `admin_ui/locales/`, which the console reads too.

A language is offered when its file is there, and read when somebody wants it. English is complete
by definition and is what every other one falls back to, sentence by sentence: so a page comes also
when an upgrade has just replaced a file.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

import msgspec

from sidecar.login.assets import ui_folder

FALLBACK = "en"
Sentences = Mapping[str, object]
"""Of a locale file: one with a count is an object, which only scripts can choose from."""

_OURS = ("device.", "door.", "factor.", "field.", "own.", "preferences.")
"""How the keys begin that the server's pages use: all of their own, and those they share."""

_DEVICE = re.compile(r"(.+) on (.+)")
_NAMELESS = {"Unknown device": "device.unknown", "Desktop app": "device.app"}

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
_LONGEST_FIELD = 256
_ITEM = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*)?"
)
"""A language and its weight (RFC 9110 12.4.2 and 12.5.4)."""


@dataclass(frozen=True, slots=True)
class Texts:
    """The sentences of one language. Callable: `text("door.needed")`."""

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
    """All languages that there are. read: returns the sentences of one, and is asked once."""

    def __init__(self, languages: Collection[str], read: Callable[[str], Sentences]) -> None:
        self.languages = tuple(sorted(languages))
        self._read = read
        self._english = _of_ours(read(FALLBACK))
        self._texts = {FALLBACK: Texts(FALLBACK, self._english)}

    def choose(self, accept_language: str) -> Texts:
        """Return the texts that the `Accept-Language` field asks for most."""
        language = choose_language(accept_language, self.languages)
        if language not in self._texts:
            sentences = {**self._english, **_of_ours(self._read(language))}
            self._texts[language] = Texts(language, sentences)
        return self._texts[language]


def load_catalogue() -> Catalogue:
    """Find the languages that come with the product."""
    folder = ui_folder() / "locales"
    names = (one.name for one in folder.iterdir() if one.name.endswith(".json"))
    return Catalogue([name.removesuffix(".json") for name in names], read_sentences)


def read_sentences(language: str) -> Sentences:
    """Return what the file of a language says."""
    path = ui_folder() / "locales" / f"{language}.json"
    return msgspec.json.decode(path.read_bytes(), type=dict[str, object])


def choose_language(accept_language: str, offered: Collection[str]) -> str:
    """Return the one of the offered languages that the `Accept-Language` field asks for most.

    `de-AT` gets `de` where nothing closer is offered (RFC 4647, lookup).
    """
    for wanted in _by_wish(accept_language):
        while wanted:
            if wanted in offered:
                return wanted
            wanted = wanted.rpartition("-")[0]
    return FALLBACK


def direction_of(language: str) -> str:
    """Return what HTML calls the direction: `ltr` or `rtl`."""
    return "rtl" if language in _RIGHT_TO_LEFT else "ltr"


def device_name(label: str, text: Texts) -> str:
    """Return what a device is called in a language; `admin_ui/shared/words.js` does the same."""

    def called(name: str) -> str:
        return text(_NAMELESS[name]) if name in _NAMELESS else name

    pair = _DEVICE.fullmatch(label)
    return called(label) if pair is None else text("device.on", browser=called(pair[1]), os=pair[2])


def _of_ours(sentences: Sentences) -> dict[str, str]:
    return {
        key: sentence
        for key, sentence in sentences.items()
        if isinstance(sentence, str) and key.startswith(_OURS)
    }


def _by_wish(accept_language: str) -> list[str]:
    """Return the language tags, most wanted first. Nonsense is passed over."""
    wishes = []
    for item in accept_language[:_LONGEST_FIELD].split(","):
        read = _ITEM.fullmatch(item)
        if read is not None and (weight := float(read[2] or 1)):
            wishes.append((-weight, read[1].lower()))
    return [tag for _, tag in sorted(wishes, key=lambda wish: wish[0])]

"""Which passwords may be set. Length is what counts; no rule asks for digits or capitals.

A password is refused when it is guessable as a whole: a common word, the name of the product, of
the host or of the person, or nothing but runs of keys, once digits, years and marks around it are
taken away. `password123456` is such a one, a sentence of four words never is.
Source: NIST SP 800-63B-4 section 3.1.1.2; OWASP ASVS 5.0 6.1.2, 6.2.1 to 6.2.12.
"""

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from sidecar.core.common_passwords import RUNS, WORDS
from sidecar.core.policy import PasswordPolicy

MAX_BYTES = 1024
"""Longer ones are refused before anything is computed from them (case S-79)."""

NIST_MIN_LENGTH = 15
"""Without a second factor (SP 800-63B-4)."""

_SHORTEST_CONTEXT = 3
_SHORTEST_PART = 4
_SHORTEST_RUN = 3
_BESIDE_RUNS = 2
_BESIDE_A_COMMON_WORD = 4
_BESIDE_A_CONTEXT_WORD = 7
_LONGEST_REPEAT = 24
_SEPARATORS = frozenset(" \t._-+#*!?=/:;,&%$@~'\"()[]{}<>|\\^`")
_NAME_PARTS = re.compile(r"[\W_]+")
_DATE = re.compile(r"(?:[0-3]?\d[01]?\d)?(?:19|20)\d\d(?:[01]\d[0-3]\d)?")
_REPEAT = re.compile(r"([0-9a-z]{1,3}?)\1{2,}|([0-9a-z]{4,6}?)\2+")
_DISGUISES = tuple(str.maketrans("01345789@$!|", "o" + i + "eastbgas" + i + i) for i in "li")
_RUNS = RUNS + tuple(run[::-1] for run in RUNS)


def normalize_password(password: str) -> str:
    """Return the one form that is counted and hashed: NFC, nothing trimmed, nothing cut.

    The same letters typed on two systems are the same password; every character counts.
    Source: SP 800-63B-4 section 3.1.1.2.
    """
    return unicodedata.normalize("NFC", password)


def is_too_long_to_read(password: str) -> bool:
    """Say whether `password` must be refused before it is looked at: over 1024 bytes of UTF-8."""
    return len(password) > MAX_BYTES or len(password.encode("utf-8", "surrogatepass")) > MAX_BYTES


def least_length(policy: PasswordPolicy) -> int:
    """Return the shortest length that the policy and its profile allow, in code points."""
    return max(policy.min_length, NIST_MIN_LENGTH if policy.profile == "nist-rev4" else 0)


class WeakBecause(StrEnum):
    """Why a new password may not be set."""

    LARGE = "large"
    NO_TEXT = "no_text"
    SHORT = "short"
    LONG = "long"
    ABOUT = "about"
    COMMON = "common"
    SAME = "same"
    UNCHANGED = "unchanged"


class Weakness(NamedTuple):
    """bound: the number that it is about, if there is one."""

    because: WeakBecause
    bound: int = 0


_SENTENCES = {
    WeakBecause.LARGE: "Use at most {count} bytes.",
    WeakBecause.NO_TEXT: "Use characters only: this holds bytes that are no text.",
    WeakBecause.SHORT: "Use at least {count} characters.",
    WeakBecause.LONG: "Use at most {count} characters.",
    WeakBecause.ABOUT: (
        "Do not build it around the name of the person, the application or its host."
    ),
    WeakBecause.COMMON: "This is one of the most common passwords, or nearly: choose another.",
    WeakBecause.UNCHANGED: "This is the password that you have already.",
    WeakBecause.SAME: "This is the password that has to be changed: choose another.",
}


def weaknesses_of(
    password: str, policy: PasswordPolicy, context_words: Iterable[str] = ()
) -> list[Weakness]:
    """Say what is wrong with a new password; empty when it may be set.

    context_words: the username, the host's name, the e-mail address: whatever an attacker tries
    first. The product's own name is always among them.
    """
    if is_too_long_to_read(password):
        return [Weakness(WeakBecause.LARGE, MAX_BYTES)]
    normal = normalize_password(password)
    if any("\ud800" <= character <= "\udfff" or character == "\0" for character in normal):
        return [Weakness(WeakBecause.NO_TEXT)]
    found = []
    if len(normal) < least_length(policy):
        found.append(Weakness(WeakBecause.SHORT, least_length(policy)))
    if len(normal) > policy.max_length:
        found.append(Weakness(WeakBecause.LONG, policy.max_length))
    if is_about(normal, ("session sidecar", "sidecar", *context_words)):
        found.append(Weakness(WeakBecause.ABOUT))
    elif is_common(normal):
        found.append(Weakness(WeakBecause.COMMON))
    return found


def context_words(public_url: str, *personal: str) -> list[str]:
    """Return what a password must not be built around. personal: username, e-mail, …"""
    host = public_url.partition("://")[2].partition(":")[0]
    return [word for word in (*personal, host) if word]


def check_password_rules(
    password: str, policy: PasswordPolicy, context_words: Iterable[str] = ()
) -> list[str]:
    """Say the same in English sentences for its owner."""
    return [
        _SENTENCES[because].replace("{count}", str(bound))
        for because, bound in weaknesses_of(password, policy, context_words)
    ]


def is_common(password: str) -> bool:
    """Say whether `password` is a common word, or only runs of keys, with decoration."""
    folded = _fold(password)
    if folded.isascii() and _weight(folded) <= _BESIDE_RUNS:
        return True
    return any(
        _weight(rest) <= _BESIDE_A_COMMON_WORD
        for word in WORDS
        for rest in _without(folded, (word,))
    )


def is_about(password: str, context_words: Iterable[str]) -> bool:
    """Say whether hardly anything is left of `password` without the words of its context.

    A host's name counts as a whole and by its parts: `wiki.example.com`, `wiki`, `example`.
    """
    words = set()
    for word in map(_fold, context_words):
        parts = [part for part in _NAME_PARTS.split(word) if len(part) >= _SHORTEST_PART]
        words.update([word, _NAME_PARTS.sub("", word), *parts])
    known = sorted(
        (word for word in words if len(word) >= _SHORTEST_CONTEXT and not word.isdigit()),
        key=len,
        reverse=True,
    )
    return any(_weight(rest) <= _BESIDE_A_CONTEXT_WORD for rest in _without(_fold(password), known))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold().strip()


def _without(folded: str, words: Iterable[str]) -> Iterable[str]:
    """Yield `folded` with the words blanked out, as written and undisguised (`p4ssw0rd`).

    Nothing is yielded when there was nothing to blank out.
    """
    for form in (folded, *(folded.translate(disguise) for disguise in _DISGUISES)):
        blanked = form
        for word in words:
            blanked = blanked.replace(word, "\0" * len(word))
        if blanked != form:
            yield "".join(
                " " if now == "\0" else was for now, was in zip(blanked, folded, strict=True)
            )


def _weight(text: str) -> int:
    """Weigh what runs, repeats, dates and separators of `text` do not account for.

    A digit weighs 1 and anything else 2: four digits behind a word are tried before two letters.
    """
    weight = at = 0
    while at < len(text):
        known = _known_piece(text, at)
        if not known and text[at] not in _SEPARATORS:
            weight += 1 if text[at].isdigit() else 2
        at += known or 1
    return weight


def _known_piece(text: str, at: int) -> int:
    """Return the length of the run, repeat or date that begins at `at`, or 0."""
    lengths = [0]
    for pattern, longest in ((_REPEAT, _LONGEST_REPEAT), (_DATE, len(text))):
        match = pattern.match(text, at)
        if match and len(match.group()) <= longest:
            lengths.append(len(match.group()))
    end = at + _SHORTEST_RUN
    while end <= len(text) and any(text[at:end] in run for run in _RUNS):
        lengths.append(end - at)
        end += 1
    return max(lengths)

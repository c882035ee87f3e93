"""What is wrong in a file, a variable or a flag that people wrote, in lines for them.

Each line names the place, the key, what is wrong with it and what would be accepted. How faults are
found is in `tables.py`, which a worker does not need.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct. place: a file, `$VARIABLE` or `--flag`; key: dotted, may be empty."""

    place: str
    key: str
    problem: str

    def __str__(self) -> str:
        key = "" if _names(self.place) == self.key else self.key
        return ": ".join(part for part in (self.place, key, self.problem) if part)


def _names(place: str) -> str:
    """Return the key that a flag or variable stands for; a file stands for none."""
    if place.startswith("--"):
        return place[2:].replace("-", "_")
    return place.removeprefix("$SIDECAR_").lower().replace("__", ".") if place[:1] == "$" else ""


def dotted(key: Key) -> str:
    """Return the key as people write it: `session.idle_timeout`, `routes[2].path`."""
    text = ""
    for part in key:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def entry(name: str, number: int, table: object) -> str:
    """Return which entry of `[[name]]` is meant: nobody who looks at the file sees a number there.

    number: from 1. table: what is written in it.
    """
    among = number % 100 in (11, 12, 13)
    ending = "th" if among else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    path = table.get("path") if isinstance(table, dict) else None
    with_path = f' with path "{path}"' if isinstance(path, str) and path else ""
    return f"(the {number}{ending} [[{name}]]{with_path})"


def report(heading: str, faults: Sequence[Fault]) -> str:
    """Return the lines for people: a heading and one indented line for each fault."""
    return "\n".join([heading, *(f"  {fault}" for fault in faults)])


def unknown(name: str, accepted: Iterable[str]) -> str:
    """Return the words for a name that is not among the accepted ones."""
    known = sorted(accepted)
    close = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    among = f"accepted here: {', '.join(known)}" if known else "nothing is accepted here"
    return f"unknown key{hint or ''} ({among})"

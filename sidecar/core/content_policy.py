"""A page's Content-Security-Policy, extended by what a script of ours needs and by nothing else.

A browser asks every policy of a page, those that only report included; so each is extended by
itself, in the directive that counts for the purpose: the first of its chain that the policy has.

    script    script-src-elem, script-src, default-src
    connect   connect-src, default-src
    worker    worker-src, child-src, script-src, default-src

1. A policy that lets the address through already stays as it is, byte for byte.
2. Where the page's own nonce lets scripts run, the tag carries it. A nonce is added only beside
   'strict-dynamic', where no address counts: elsewhere it would switch off 'unsafe-inline'.
3. Else the one address is added, with its path, in place of 'none' if that stands there. Where a
   directive counts for more than the purpose (`default-src`, for a worker also `script-src`), a
   narrower one is added that repeats its sources, so that nothing else is let through.

Policies in `<meta>` are part of the page, which is not touched. Source: CSP Level 3.
"""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sidecar.core.live_script import TRUSTED_TYPES_POLICY, Needs

_SCRIPT = ("script-src-elem", "script-src", "default-src")
_CONNECT = ("connect-src", "default-src")
_WORKER = ("worker-src", "child-src", "script-src", "default-src")
_NONCE = re.compile(r"'nonce-([A-Za-z0-9+/_-]+={0,2})'", re.IGNORECASE)
_NONE, _SELF, _DYNAMIC = "'none'", "'self'", "'strict-dynamic'"
_SANDBOX = frozenset(("allow-scripts", "allow-same-origin"))
"""Without these a script does not run, or not as one of the page's origin."""


class Extended(NamedTuple):
    """Field values, in the order given. nonce: for the tag."""

    enforced: tuple[str, ...]
    reported: tuple[str, ...]
    nonce: str | None


def extend(
    enforced: Sequence[str],
    reported: Sequence[str],
    needs: Needs,
    new_nonce: Callable[[], str] | None,
) -> Extended | None:
    """Return the policies with what `needs` names, or None if they let no script of ours work.

    enforced, reported: values of Content-Security-Policy and of …-Report-Only, each of which may
    hold several. new_nonce: makes one; None: there is no tag that could carry it, nor any nonce.
    """
    fields = [[_Policy(text) for text in value.split(",")] for value in enforced]
    only = [[_Policy(text) for text in value.split(",")] for value in reported]
    if any(policy.sandboxes() for field in fields for policy in field):
        return None
    policies = [policy for field in fields + only for policy in field]
    nonce = _nonce_for(policies, new_nonce) if new_nonce is not None else None
    for policy in policies:
        # The worker first: what it falls back on must not be extended by then.
        policy.let(_WORKER, needs.worker)
        policy.let(_CONNECT, needs.connect)
        policy.let_script(needs.script, nonce)
        policy.let_trusted_types()
    return Extended(
        tuple(",".join(map(str, field)) for field in fields),
        tuple(",".join(map(str, field)) for field in only),
        nonce,
    )


def _nonce_for(policies: Sequence["_Policy"], new_nonce: Callable[[], str]) -> str | None:
    """Return the one nonce that the tag will carry, if any policy asks for one."""
    strict = [policy for policy in policies if policy.is_dynamic()]
    known = [nonce for policy in (strict or policies) for nonce in policy.nonces()]
    if not known and not strict:
        return None
    if known and all(known[0] in policy.nonces() for policy in strict):
        return known[0]
    return new_nonce()


class _Policy:
    """One serialized policy. What is not extended keeps its spelling."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._directives = text.split(";")
        self._places: dict[str, int] = {}
        for place, directive in enumerate(self._directives):
            words = directive.split(maxsplit=1)
            if words:
                # Of a repeated directive the first counts.
                self._places.setdefault(words[0].lower(), place)
        self._changed = False

    def __str__(self) -> str:
        return ";".join(self._directives) if self._changed else self._text

    def sandboxes(self) -> bool:
        if "sandbox" not in self._places:
            return False
        return not _SANDBOX.issubset(word.lower() for word in self._sources("sandbox"))

    def is_dynamic(self) -> bool:
        name = self._effective(_SCRIPT)
        return name is not None and _has(self._sources(name), _DYNAMIC)

    def nonces(self) -> list[str]:
        name = self._effective(_SCRIPT)
        sources = self._sources(name) if name is not None else []
        return [found[1] for source in sources if (found := _NONCE.fullmatch(source))]

    def let_script(self, addresses: Sequence[str], nonce: str | None) -> None:
        name = self._effective(_SCRIPT)
        if name is None or nonce in self.nonces():
            return
        if not self.is_dynamic():
            self.let(_SCRIPT, addresses)
        elif nonce is not None:
            self._add(name, "script-src", [f"'nonce-{nonce}'"])

    def let(self, chain: tuple[str, ...], addresses: Sequence[str]) -> None:
        """Let these addresses through, whatever else the directive says."""
        name = self._effective(chain)
        if name is None:
            return
        sources = self._sources(name)
        if chain is _WORKER and name in _SCRIPT and _has(sources, _DYNAMIC):
            return  # A script that is trusted may start any worker.
        missing = [_source(address) for address in addresses if not _lets(sources, address)]
        if missing:
            self._add(name, "script-src" if chain is _SCRIPT else chain[0], missing)

    def let_trusted_types(self) -> None:
        name = "trusted-types"
        if name in self._places:
            words = self._sources(name)
            if "*" not in words and TRUSTED_TYPES_POLICY not in words:
                self._add(name, name, [TRUSTED_TYPES_POLICY])

    def _effective(self, chain: tuple[str, ...]) -> str | None:
        return next((name for name in chain if name in self._places), None)

    def _sources(self, name: str) -> list[str]:
        return self._directives[self._places[name]].split()[1:]

    def _add(self, name: str, narrow: str, sources: Sequence[str]) -> None:
        """Add to the directive `name` if it is about the purpose alone, else to a new `narrow`."""
        self._changed = True
        present = [word for word in self._sources(name) if word.lower() != _NONE]
        added = list(dict.fromkeys(sources))
        if name == narrow or name == _SCRIPT[0]:
            place = self._places[name]
            written = self._directives[place].rstrip()
            if not present:
                written = written[: len(written) - len(written.lstrip())] + name
            self._directives[place] = " ".join([written, *added])
            return
        if narrow != "script-src":  # Keywords about scripts mean nothing there.
            present = [word for word in present if word[0] != "'" or word.lower() == _SELF]
        if not self._directives[-1].strip():
            self._directives.pop()
        self._places[narrow] = len(self._directives)
        self._directives.append(" ".join(["", narrow, *present, *added]))


def _has(sources: Sequence[str], keyword: str) -> bool:
    return any(source.lower() == keyword for source in sources)


def _lets(sources: Sequence[str], address: str) -> bool:
    """Say whether one of the sources certainly matches this address of the page's own origin."""
    scheme, _, rest = address.partition("://")
    origin = f"{scheme}://{rest.partition('/')[0]}"
    known = ("*", _SELF, f"{scheme}:", origin, f"{origin}/", address)
    return any(source.lower() in known for source in sources)


def _source(address: str) -> str:
    """Return the source for an address. There is none for IPv6: the origin has to do then."""
    return _SELF if "://[" in address else address

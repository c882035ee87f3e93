"""Which address is the client's: the walk along X-Forwarded-For, from the near end.

Each proxy appends the address of who spoke to it, so only what trusted proxies appended can be
believed: from the right, the first address that is not of a trusted proxy is the client. Where the
list ends or cannot be read, it is the last address that was still vouched for (cases S-08, S-09).

A peer on a Unix socket has no address. It is trusted if `trusted_proxies` lists `unix`; otherwise,
or if it says nothing about its client, the client is called `unix`.
"""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

UNIX_PEER: Final = "unix"
_TABLE_SIZE = 2048
_LONGEST_ENTRY = 64
_MOST_ENTRIES = 32

_known: dict[bytes, str | None] = {}


class TrustedNets:
    """The proxies whose word on their client is believed. Answers are kept in a bounded table."""

    __slots__ = ("_known", "_nets", "unix")

    def __init__(
        self, networks: Iterable[IPv4Network | IPv6Network] = (), unix: bool = False
    ) -> None:
        self._nets = tuple(networks)
        self._known: dict[str, bool] = {}
        self.unix = unix

    @classmethod
    def parse(cls, entries: Iterable[str]) -> "TrustedNets":
        """Read CIDRs, addresses and `unix`. Raises ValueError naming the entry."""
        networks, unix = [], False
        for entry in entries:
            if entry.strip() == UNIX_PEER:
                unix = True
                continue
            try:
                networks.append(ip_network(entry.strip()))
            except ValueError as error:
                raise ValueError(f"not a network, an address or {UNIX_PEER!r}: {error}") from None
        return cls(networks, unix)

    def __bool__(self) -> bool:
        return bool(self._nets) or self.unix

    def __contains__(self, address: str) -> bool:
        """Say whether a peer of that address, as `peer_address` gives it, is trusted."""
        known = self._known.get(address)
        if known is None:
            known = self._look(address)
            if len(self._known) >= _TABLE_SIZE:
                self._known.clear()
            self._known[address] = known
        return known

    def trusts(self, peer: str | None) -> bool:
        """Say whether the peer of a socket is trusted; None or empty: of a Unix socket."""
        return peer_address(peer) in self

    def _look(self, address: str) -> bool:
        if address == UNIX_PEER:
            return self.unix
        parsed = _parse(address)
        return parsed is not None and any(
            parsed.version == net.version and parsed in net for net in self._nets
        )


def client_address(peer: str | None, forwarded_for: Sequence[bytes], trusted: TrustedNets) -> str:
    """Return the client's address, in its shortest form; IPv4 mapped into IPv6 is IPv4.

    peer: of the socket; None or empty for a Unix socket. forwarded_for: the fields, in order.
    """
    vouched = peer_address(peer)
    if not forwarded_for or vouched not in trusted:
        return vouched
    entries = b",".join(forwarded_for).rsplit(b",", _MOST_ENTRIES)
    if len(entries) > _MOST_ENTRIES:
        del entries[0]
    for entry in reversed(entries):
        address = _read_entry(entry)
        if address is None:
            return vouched
        vouched = address
        if address not in trusted:
            return address
    return vouched


def peer_address(peer: str | None) -> str:
    """Return a socket peer's address in the one form in which addresses are compared."""
    if not peer:
        return UNIX_PEER
    return _read_entry(peer.encode("utf-8", "surrogateescape")) or peer


def _read_entry(entry: bytes) -> str | None:
    if entry in _known:
        return _known[entry]
    if len(entry) > _LONGEST_ENTRY or not entry.isascii():
        return None
    address = _parse(_without_port(entry.decode("ascii").strip(" \t")))
    text = str(address) if address is not None else None
    if len(_known) >= _TABLE_SIZE:
        _known.clear()
    _known[entry] = text
    return text


def _without_port(text: str) -> str:
    """Return the address of `[v6]:port`, `[v6]` and `v4:port`; anything else as it is."""
    if text.startswith("["):
        literal, bracket, port = text[1:].partition("]")
        return literal if bracket and ":" in literal and _is_port(port) else ""
    host, colon, port = text.partition(":")
    return host if "." in host and _is_port(colon + port) else text


def _is_port(text: str) -> bool:
    return not text or (text[0] == ":" and text[1:].isdigit() and len(text) <= 6)


def _parse(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address

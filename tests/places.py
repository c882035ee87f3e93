"""A small database in MaxMind's format, written by hand: cities, and in which networks they are.

Source: MaxMind DB File Format Specification 2.0.
"""

import struct
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any

_TEXT, _DOUBLE, _UINT16, _UINT32, _MAP, _UINT64, _ARRAY = 2, 3, 5, 6, 7, 9, 11
_TYPES = {"node_count": _UINT32, "build_epoch": _UINT64}


def write_places(
    path: Path, cities: Mapping[str, tuple[str, str, float, float]], kind: str = "GeoLite2-City"
) -> Path:
    """Write which city each network is in: its name, its country, latitude and longitude."""
    root: list[Any] = [None, None]
    data = b""
    for network, (name, country, latitude, longitude) in cities.items():
        record = {
            "city": {"names": {"en": name}},
            "country": {"iso_code": country, "names": {"en": country}},
            "location": {"accuracy_radius": 20, "latitude": latitude, "longitude": longitude},
        }
        _plant(root, network, len(data))
        data += _written(record)
    nodes = _numbered(root)
    tree = b"".join(_node(node, nodes) for node in nodes)
    about = {
        "node_count": len(nodes),
        "record_size": 32,
        "ip_version": 6,
        "database_type": kind,
        "languages": ["en"],
        "binary_format_major_version": 2,
        "binary_format_minor_version": 0,
        "build_epoch": 1_700_000_000,
        "description": {"en": "of a test"},
    }
    path.write_bytes(tree + bytes(16) + data + b"\xab\xcd\xefMaxMind.com" + _written(about))
    return path


def _plant(root: list[Any], network: str, at: int) -> None:
    parsed = ip_network(network)
    bits = f"{int(parsed.network_address):0{parsed.max_prefixlen}b}"[: parsed.prefixlen]
    if parsed.version == 4:
        bits = "0" * 96 + bits
    node = root
    for bit in bits[:-1]:
        if node[int(bit)] is None:
            node[int(bit)] = [None, None]
        node = node[int(bit)]
    node[int(bits[-1])] = at


def _numbered(root: list[Any]) -> list[list[Any]]:
    nodes = [root]
    for node in nodes:
        nodes += [side for side in node if isinstance(side, list)]
    return nodes


def _node(node: list[Any], nodes: list[list[Any]]) -> bytes:
    numbers = {id(each): number for number, each in enumerate(nodes)}

    def record(side: Any) -> int:
        if side is None:
            return len(nodes)
        return numbers[id(side)] if isinstance(side, list) else len(nodes) + 16 + int(side)

    return struct.pack(">II", *map(record, node))


def _written(value: Any, kind: int = _UINT16) -> bytes:
    match value:
        case dict():
            items = (
                _written(key) + _written(item, _TYPES.get(key, _UINT16))
                for key, item in value.items()
            )
            return _head(_MAP, len(value)) + b"".join(items)
        case list():
            return _head(_ARRAY, len(value)) + b"".join(map(_written, value))
        case str():
            return _head(_TEXT, len(value.encode())) + value.encode()
        case float():
            return _head(_DOUBLE, 8) + struct.pack(">d", value)
        case _:
            octets: bytes = value.to_bytes((value.bit_length() + 7) // 8, "big")
            return _head(kind, len(octets)) + octets


def _head(kind: int, size: int) -> bytes:
    if kind > _MAP:
        return bytes((size, kind - _MAP))
    return bytes((kind << 5 | size,)) if size < 29 else bytes((kind << 5 | 29, size - 29))

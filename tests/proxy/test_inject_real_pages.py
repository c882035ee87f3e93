"""Pages that others wrote, through a real data plane: the same bytes but for the tag.

They are those of the packages that the lock file pins, of which is known what they are, and what
else the machine has: handbooks of three decades, of each of which only the bytes are looked at.
"""

import gzip
import random
import re
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import pytest

from sidecar.core.live_script import LiveScript
from tests.plane import MOUNT, Plane, a_plane
from tests.wires import a_request, an_upstream, chunked, playing

TAG = LiveScript(MOUNT).tag(None).encode()
HANDBOOKS = Path("/usr/share/doc")
MOST = 120
_BEGINS_AS_A_PAGE = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype|html)\b", re.IGNORECASE | re.DOTALL
)
_AT_ITS_PLACE = re.compile(rb"<(?:head|html)(?:\s[^>]*)?>" + re.escape(TAG), re.IGNORECASE)


def packaged() -> list[bytes]:
    """Single-page applications, pages and fragments of templates."""
    packages = Path(sysconfig.get_path("purelib"))
    found = [path for path in sorted(packages.rglob("*.html")) if "sidecar" not in path.parts]
    return [path.read_bytes() for path in found]


def handbooks() -> list[bytes]:
    found = [path for path in sorted(HANDBOOKS.rglob("*.html")) if path.is_file()]
    return [path.read_bytes() for path in found[:: max(1, len(found) // MOST)]]


def answered(page: bytes, coding: str, chance: random.Random) -> bytes:
    """Return the page as an application sends it, in pieces of any size."""
    body = gzip.compress(page) if coding else page
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n"
    if coding:
        head += f"Content-Encoding: {coding}\r\n"
    pieces, at = [], 0
    while at < len(body):
        size = chance.choice((1, 7, 100, 1460, 40_000))
        pieces.append(body[at : at + size])
        at += size
    return f"{head}\r\n".encode() + chunked(*pieces)


async def received(redis_url: str, pages: Sequence[bytes], coding: str) -> list[bytes]:
    """Return what a browser gets of each."""
    chance = random.Random(4)
    answers = [answered(page, coding, chance) for page in pages]
    async with (
        an_upstream(playing(*answers)) as upstream,
        a_plane(redis_url, upstream, inject=True) as plane,
    ):
        bodies = await _ask(plane, len(pages))
    return [gzip.decompress(body) if coding else body for body in bodies]


async def _ask(plane: Plane, times: int) -> list[bytes]:
    client = await plane.client()
    fields = ("Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate")
    request = a_request("/page", f"Cookie: sidecar={await plane.seed()}", *fields)
    bodies = []
    for _ in range(times):
        await client.send(request)
        bodies.append((await client.answer()).body)
    return bodies


@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_given_pages_of_packages_then_whole_ones_get_the_tag_and_no_other_byte_changes(
    redis_url: str, coding: str
):
    pages = packaged()
    whole = [_BEGINS_AS_A_PAGE.match(page) is not None for page in pages]

    got = await received(redis_url, pages, coding)

    assert [body.replace(TAG, b"") for body in got] == pages
    assert [_AT_ITS_PLACE.search(body) is not None for body in got] == whole
    assert whole.count(True) > 5
    assert whole.count(False) > 5


@pytest.mark.parametrize("coding", ["", "gzip"])
async def test_given_whatever_handbooks_there_are_then_no_other_byte_of_them_changes(
    redis_url: str, coding: str
):
    pages = handbooks()

    got = await received(redis_url, pages, coding)

    assert [body.replace(TAG, b"", 1) for body in got] == pages

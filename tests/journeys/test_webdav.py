"""WsgiDAV, which nobody here wrote, behind the sidecar: the methods beyond GET and POST, request
bodies that are XML, and files that are larger than any buffer."""

import hashlib
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from aiohttp import ClientResponse, ClientSession

from tests.journeys.applications import webdav
from tests.journeys.running import COOKIE, Product

PASSWORD = "a long and unusual passphrase"
FILE = random.Random(1).randbytes(24 * 1024 * 1024 + 1)
PIECE = 100_000
PROPFIND = b"""<?xml version="1.0"?>
<propfind xmlns="DAV:"><prop><getcontentlength/><resourcetype/></prop></propfind>"""
LOCK = b"""<?xml version="1.0"?>
<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>
<locktype><write/></locktype><owner>maria</owner></lockinfo>"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the application serves."""
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def product(shared: Path) -> Iterator[Product]:
    with webdav(shared) as port:
        product = Product(port)
        product.start()
        product.add_user("maria", PASSWORD)
        yield product
        product.remove()


class Client:
    """A program that speaks WebDAV."""

    def __init__(self, http: ClientSession, product: Product) -> None:
        self._http = http
        self._product = product

    async def ask(
        self, method: str, path: str, body: bytes | AsyncIterator[bytes] = b"", **fields: str
    ) -> tuple[ClientResponse, bytes]:
        """Send one request. fields: its header, `_` for `-`."""
        headers = {"Host": "app.example"} | {k.replace("_", "-"): v for k, v in fields.items()}
        url = f"http://127.0.0.1:{self._product.port}{path}"
        async with self._http.request(method, url, data=body, headers=headers) as response:
            return response, await response.read()

    async def status(self, method: str, path: str, body: bytes = b"", **fields: str) -> int:
        response, _ = await self.ask(method, path, body, **fields)
        return response.status


@pytest.fixture
async def nobody(product: Product) -> AsyncIterator[Client]:
    async with ClientSession() as http:
        yield Client(http, product)


@pytest.fixture
async def maria(product: Product) -> AsyncIterator[Client]:
    token = await product.sign_in("maria", PASSWORD)
    async with ClientSession(headers={"Cookie": f"{COOKIE}={token}"}) as http:
        yield Client(http, product)


async def in_pieces() -> AsyncIterator[bytes]:
    for start in range(0, len(FILE), PIECE):
        yield FILE[start : start + PIECE]


async def test_given_nobody_when_files_are_written_or_deleted_then_nothing_happens(
    nobody: Client, shared: Path
) -> None:
    (shared / "kept.txt").write_text("kept")

    answers = {
        await nobody.status("DELETE", "/kept.txt"),
        await nobody.status("MKCOL", "/made"),
        await nobody.status("MOVE", "/kept.txt", Destination="https://app.example/moved.txt"),
        await nobody.status("PROPFIND", "/", Depth="1"),
        await nobody.status("PUT", "/put.txt", b"content"),
    }

    assert answers == {401}
    assert (shared / "kept.txt").read_text() == "kept"
    assert not any((shared / name).exists() for name in ("made", "moved.txt", "put.txt"))


@pytest.mark.parametrize("chunked", [False, True], ids=["with its length", "chunked"])
async def test_given_a_large_file_when_it_is_put_then_it_comes_back_the_same(
    maria: Client, shared: Path, chunked: bool
) -> None:
    (shared / "large.bin").unlink(missing_ok=True)

    put, _ = await maria.ask("PUT", "/large.bin", in_pieces() if chunked else FILE)
    got, content = await maria.ask("GET", "/large.bin")
    part, middle = await maria.ask("GET", "/large.bin", Range="bytes=1000000-1999999")
    head, nothing = await maria.ask("HEAD", "/large.bin")

    assert (put.status, got.status, part.status, head.status) == (201, 200, 206, 200)
    assert digest((shared / "large.bin").read_bytes()) == digest(FILE)
    assert digest(content) == digest(FILE)
    assert middle == FILE[1_000_000:2_000_000]
    assert (head.headers["Content-Length"], nothing) == (str(len(FILE)), b"")


async def test_given_folders_and_files_when_they_are_handled_then_all_methods_pass(
    maria: Client, shared: Path
) -> None:
    options, _ = await maria.ask("OPTIONS", "/")
    made = await maria.status("MKCOL", "/reports")
    put = await maria.status("PUT", "/reports/may%20%C3%A9t%C3%A9.txt", b"thirty-one days")
    copied = await maria.status(
        "COPY", "/reports/may%20%C3%A9t%C3%A9.txt", Destination="http://app.example/june.txt"
    )
    moved = await maria.status("MOVE", "/june.txt", Destination="http://app.example/reports/june")
    found, listing = await maria.ask("PROPFIND", "/reports", PROPFIND, Depth="1")
    deleted = await maria.status("DELETE", "/reports/june")

    assert "1" in options.headers["DAV"].split(",")
    assert (made, put, copied, moved, deleted) == (201, 201, 201, 201, 204)
    assert found.status == 207
    addresses = set(re.findall(r"href>([^<]+)<", listing.decode()))
    assert addresses == {"/reports/", "/reports/june", "/reports/may%20%C3%A9t%C3%A9.txt"}
    assert [path.name for path in (shared / "reports").iterdir()] == ["may été.txt"]


async def test_given_a_lock_when_somebody_writes_without_it_then_the_application_refuses(
    maria: Client,
) -> None:
    await maria.ask("PUT", "/plan.txt", b"first")
    locked, _ = await maria.ask("LOCK", "/plan.txt", LOCK, Timeout="Second-60")
    lock = locked.headers["Lock-Token"]

    without = await maria.status("PUT", "/plan.txt", b"second")
    with_it = await maria.status("PUT", "/plan.txt", b"second", If=f"({lock})")
    unlocked = await maria.status("UNLOCK", "/plan.txt", Lock_Token=lock)

    assert (locked.status, without, with_it, unlocked) == (200, 423, 204, 204)


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()

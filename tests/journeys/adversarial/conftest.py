"""One product for the whole suite: a recording upstream behind it, two people in front of it.

The peer 127.0.0.2 is a trusted proxy, every other one is not, so that a test chooses by the
address that it comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.journeys.raw import RecordingUpstream
from tests.journeys.running import Product, cookie

PASSWORD = "a long and unusual passphrase"
PROXY = "127.0.0.2"
POLICY = """
[[routes]]
path = "/public/**"
allow = "anyone"

[[routes]]
path = "/greeting/**"
allow = "anyone"
identity = "when_present"

[[routes]]
path = 'regex:/api/[^/]+/status'
allow = "anyone"

[[routes]]
path = "/api/admin/**"
allow = { roles = ["admin"] }
"""


@dataclass(frozen=True)
class Person:
    """Somebody who has signed in, with the fields of their cookie."""

    name: str
    token: str

    @property
    def cookie(self) -> tuple[str, str]:
        return cookie(self.token)


@pytest.fixture(scope="session")
def upstream() -> Iterator[RecordingUpstream]:
    upstream = RecordingUpstream()
    upstream.start()
    yield upstream
    upstream.stop()


@pytest.fixture(scope="session")
def product(upstream: RecordingUpstream) -> Iterator[Product]:
    product = Product(upstream, f'trusted_proxies = ["{PROXY}/32"]', POLICY)
    product.start()
    product.add_user("alice", PASSWORD, email="alice@corp.example")
    product.add_user("nomail", PASSWORD)
    yield product
    product.close()


_people: dict[tuple[int, str], Person] = {}


async def signed_in(product: Product, name: str) -> Person:
    key = (product.port, name)
    if key not in _people:
        _people[key] = Person(name, await product.sign_in(name, PASSWORD))
    return _people[key]


@pytest.fixture
async def alice(product: Product) -> Person:
    return await signed_in(product, "alice")


@pytest.fixture
async def nomail(product: Product) -> Person:
    """Somebody without an e-mail address."""
    return await signed_in(product, "nomail")

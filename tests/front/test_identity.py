from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from sidecar.core.session import Handle
from sidecar.core.users import Role
from sidecar.front import identity as module
from sidecar.front.identity import Identity
from sidecar.store.signing import SigningKey
from tests.store.seeds import a_session

NOW = datetime(2026, 5, 17, 9, 30, tzinfo=UTC)
FIRST = SigningKey("first", b"\x01" * 32)
SECOND = SigningKey("second", b"\x02" * 32)


class Signing:
    """The key that signs now, and how often it was asked for."""

    def __init__(self) -> None:
        self.key = FIRST
        self.count = 0

    def __call__(self) -> SigningKey:
        self.count += 1
        return self.key


@pytest.fixture
def signing() -> Signing:
    return Signing()


@pytest.fixture
def identity(signing: Signing) -> Identity:
    return Identity(
        issuer="https://app.example", audience="app", signing_key=signing, now=lambda: NOW
    )


def public(key: SigningKey) -> ECKey:
    return ECKey.import_key({**key.public})


def assertion_in(block: bytes) -> str:
    (line,) = [line for line in block.decode().split("\r\n") if line.startswith("X-Sidecar-A")]
    return line.partition(": ")[2]


def test_given_a_session_when_its_block_is_made_then_the_assertion_can_be_checked(
    identity: Identity,
):
    session = a_session(username="alice", email="a@example.com", groups=("staff",), role=Role.ADMIN)

    block = identity.block(session)
    token = jwt.decode(assertion_in(block), public(FIRST), algorithms=["ES256"])

    issued = int(NOW.timestamp())
    assert block.startswith(b"X-Forwarded-User: alice\r\n")
    assert token.header == {"alg": "ES256", "kid": "first", "typ": "JWT"}
    assert token.claims == {
        "iss": "https://app.example",
        "aud": "app",
        "sub": "u1",
        "sid": "h" * 30,
        "username": "alice",
        "email": "a@example.com",
        "groups": ["staff"],
        "role": "admin",
        "iat": issued,
        "exp": issued + 60,
    }


def test_given_the_same_person_when_they_ask_again_then_nothing_is_signed_anew(
    identity: Identity, signing: Signing
):
    session = a_session()
    later = replace(session, last_active_at=session.last_active_at + timedelta(seconds=5))

    blocks = {identity.block(session), identity.block(session), identity.block(later)}

    assert (len(blocks), signing.count) == (1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"secret_hash": b"n" * 32},
        {"username": "bob"},
        {"role": Role.OWNER},
        {"email": "new@example.com"},
        {"groups": ("staff", "wiki")},
        {"handle": Handle("g" * 30)},
    ],
)
def test_given_a_session_that_changed_when_it_asks_then_the_block_is_made_anew(
    identity: Identity, signing: Signing, change: dict[str, Any]
):
    before = identity.block(a_session())

    after = identity.block(a_session(**change))

    assert before != after
    assert signing.count == 2


@pytest.mark.parametrize(("seconds", "signed"), [(39.0, 1), (41.0, 2)])
def test_given_an_assertion_that_grows_old_when_it_is_used_then_it_is_renewed_before_its_end(
    identity: Identity,
    signing: Signing,
    monkeypatch: pytest.MonkeyPatch,
    seconds: float,
    signed: int,
):
    monkeypatch.setattr(module, "monotonic", lambda: 1000.0)
    identity.block(a_session())
    monkeypatch.setattr(module, "monotonic", lambda: 1000.0 + seconds)

    identity.block(a_session())

    assert signing.count == signed


def test_given_a_key_that_was_rotated_when_it_signs_then_the_assertion_names_the_new_one(
    identity: Identity, signing: Signing
):
    identity.block(a_session())
    signing.key = SECOND

    block = identity.block(a_session(username="bob"))

    token = jwt.decode(assertion_in(block), public(SECOND), algorithms=["ES256"])
    assert token.header["kid"] == "second"


def test_given_more_sessions_than_are_kept_when_they_ask_then_the_table_stays_bounded(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "_MAX_ENTRIES", 3)

    for number in range(10):
        identity.block(a_session(handle=Handle(f"{number:030d}")))

    assert len(identity._entries) <= 3

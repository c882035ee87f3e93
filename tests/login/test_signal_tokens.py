"""Signals as signed tokens: one thing wrong in each."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OctKey, OKPKey

from sidecar.core.signals import Doubt, Signal
from sidecar.login.signal_tokens import SignedTokens, read_public_keys
from tests.login.op import EC_ONE, NOW, RSA_ONE, RSA_TWO, signed
from tests.signing import claims_of

AT = NOW.timestamp()
SMALL = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505  # to be refused
PUBLIC = json.dumps({"keys": [RSA_ONE.as_dict(private=False), EC_ONE.as_dict(private=False)]})
SIEM = SignedTokens("siem", read_public_keys(PUBLIC), "https://wiki.example.com")
ISSUED = SignedTokens("siem", SIEM.keys, "https://wiki.example.com", "https://siem.example.com")


def a_token(
    key: Any = RSA_ONE, alg: str = "RS256", *, typ: str | None = None, **changes: Any
) -> bytes:
    claims = claims_of({"username": "maria", "reason": "left"}, at=AT, **changes)
    return signed(claims, key, alg, typ=typ).encode()


@pytest.mark.parametrize(
    ("key", "alg"), [(RSA_ONE, "RS256"), (RSA_ONE, "PS256"), (EC_ONE, "ES256")]
)
def test_given_a_signed_token_of_now_then_it_is_a_message(key: Any, alg: str) -> None:
    read = SIEM.read({}, a_token(key, alg), NOW)

    assert isinstance(read, Signal)
    assert read.message_id == "jti-1"
    assert json.loads(read.body) == {"username": "maria", "reason": "left"}


def test_given_several_audiences_then_ours_has_to_be_among_them() -> None:
    assert isinstance(SIEM.read({}, a_token(aud=["a", SIEM.audience]), NOW), Signal)
    assert SIEM.read({}, a_token(aud=["a", "b"]), NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize(
    "changes",
    [{"aud": "another"}, {"aud": None}, {"jti": None}, {"jti": ""}, {"jti": 7}, {"jti": "j" * 256}],
    ids=str,
)
def test_given_a_token_for_somebody_else_or_without_a_name_then_it_is_none(
    changes: dict[str, Any],
) -> None:
    assert SIEM.read({}, a_token(**changes), NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize(
    "changes",
    [
        {"iat": None},
        {"iat": AT - 301},
        {"iat": AT + 61},
        {"iat": "now"},
        {"iat": True},
        {"iat": 1e300},
        {"exp": None},
        {"exp": AT},
        {"exp": AT - 1},
        {"nbf": AT + 61},
    ],
    ids=str,
)
def test_given_a_token_of_another_time_then_it_is_untimely(changes: dict[str, Any]) -> None:
    assert SIEM.read({}, a_token(**changes), NOW) is Doubt.UNTIMELY


def test_given_an_issuer_that_is_asked_for_then_it_has_to_be_that() -> None:
    assert isinstance(ISSUED.read({}, a_token(iss=ISSUED.issuer), NOW), Signal)
    assert ISSUED.read({}, a_token(iss="https://evil.example"), NOW) is Doubt.NOT_GENUINE
    assert ISSUED.read({}, a_token(), NOW) is Doubt.NOT_GENUINE


@pytest.mark.filterwarnings("ignore:JWS algorithm")
def test_given_another_key_or_another_algorithm_then_it_is_none() -> None:
    shared = OctKey.import_key("a secret that anybody could have made", {"kid": "one"})

    assert SIEM.read({}, a_token(RSA_TWO), NOW) is Doubt.NOT_GENUINE
    assert SIEM.read({}, a_token(shared, "HS256"), NOW) is Doubt.NOT_GENUINE
    assert SIEM.read({}, a_token(RSA_ONE, "RS512"), NOW) is Doubt.NOT_GENUINE
    assert SIEM.read({}, a_token(shared, "none"), NOW) is Doubt.NOT_GENUINE


def test_given_a_token_of_another_type_then_it_is_none() -> None:
    assert isinstance(SIEM.read({}, a_token(typ="JWT"), NOW), Signal)
    assert SIEM.read({}, a_token(typ="logout+jwt"), NOW) is Doubt.NOT_GENUINE


@pytest.mark.parametrize("body", [b"", b"a.b.c", b"{}", b"\xff", b"x" * 17_000], ids=len)
def test_given_no_token_then_it_is_none(body: bytes) -> None:
    assert SIEM.read({}, body, NOW) is Doubt.NOT_GENUINE


def test_given_what_was_signed_for_something_else_then_its_claims_are_told_on() -> None:
    """They are no members of a signal, which is refused for them."""
    read = SIEM.read({}, a_token(nonce="n", sub="s"), NOW)

    assert isinstance(read, Signal)
    assert {"nonce", "sub"} < json.loads(read.body).keys()


@pytest.mark.parametrize(
    "key", [RSA_ONE, EC_ONE, OKPKey.generate_key("Ed25519")], ids=["rsa", "ec", "okp"]
)
def test_given_a_public_key_in_any_form_then_it_is_read(key: Any) -> None:
    (from_pem,) = read_public_keys(key.as_pem(private=False).decode())
    (from_jwk,) = read_public_keys(json.dumps(key.as_dict(private=False)))

    assert type(from_pem) is type(from_jwk) is type(key)
    assert not from_pem.is_private


@pytest.mark.filterwarnings("ignore:Key size")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "nothing",
        "[]",
        "7",
        '{"keys": []}',
        RSA_ONE.as_pem(private=True).decode(),
        json.dumps(RSA_ONE.as_dict(private=True)),
        SMALL.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        json.dumps(OctKey.import_key("a shared secret, as a key").as_dict(private=True)),
        ECKey.generate_key("P-256").as_pem(private=True).decode(),
    ],
    ids=[
        *("empty", "words", "list", "number", "no keys", "private", "private as JWK", "too small"),
        *("symmetric", "private EC"),
    ],
)
def test_given_a_file_without_a_public_key_then_that_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="must hold public keys"):
        read_public_keys(text)

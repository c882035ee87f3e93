"""Assertions as others read them, who have the public key and nothing else."""

import pytest
from joserfc import jwt
from joserfc.errors import BadSignatureError
from joserfc.jwk import ECKey

from sidecar.store.signing import SigningKey

SECRET = b"\x07" * 32
CLAIMS = {"sub": "u1", "username": "Zoë", "groups": ["a,b", "c"], "iat": 1_700_000_000}


def test_given_claims_when_they_are_signed_then_the_public_key_proves_them() -> None:
    key = SigningKey("k1", SECRET)

    read = jwt.decode(key.sign(CLAIMS), ECKey.import_key(dict(key.public)), algorithms=["ES256"])

    assert read.claims == CLAIMS
    assert read.header == {"alg": "ES256", "kid": "k1", "typ": "JWT"}


def test_given_many_signatures_when_they_are_read_then_all_have_their_full_length() -> None:
    key = SigningKey("k1", SECRET)
    public = ECKey.import_key(dict(key.public))

    tokens = [key.sign({"n": n}) for n in range(300)]  # one number in 256 begins with a zero byte

    assert {len(token.rpartition(".")[2]) for token in tokens} == {86}
    assert [jwt.decode(token, public).claims["n"] for token in tokens] == list(range(300))


def test_given_another_key_of_the_same_id_then_it_proves_nothing() -> None:
    token = SigningKey("k1", SECRET).sign(CLAIMS)
    other = SigningKey("k1", b"\x08" * 32)

    with pytest.raises(BadSignatureError):
        jwt.decode(token, ECKey.import_key(dict(other.public)))


def test_given_a_key_then_what_it_shows_of_itself_is_no_secret() -> None:
    key = SigningKey("k1", SECRET)

    assert repr(key) == "SigningKey('k1')"
    assert set(key.public) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert ECKey.import_key(dict(key.public)).is_private is False


def test_given_the_same_secret_twice_then_it_is_the_same_key() -> None:
    assert SigningKey("k1", SECRET).public == SigningKey("k1", SECRET).public

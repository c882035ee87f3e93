"""ID tokens and logout tokens: each thing that one must say, taken away or said wrong."""

import hmac
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from sidecar.login.oidc_keys import ProviderKeys
from sidecar.login.oidc_tokens import LARGEST_TOKEN, LOGOUT_EVENT, Audience, Tokens
from sidecar.login.provider import NotProven
from sidecar.login.provider_http import Answer
from tests.login.op import CLIENT, EC_ONE, NOW, RSA_ONE, RSA_TWO, Op, Still, signed

ISSUER = "https://login.example.com"
NONCE = "n-1"
AT = int(NOW.timestamp())


async def shown() -> Answer:
    return Answer(200, {"keys": [key.as_dict(private=False) for key in (RSA_ONE, EC_ONE)]})


@pytest.fixture
def op() -> Op:
    return Op(lambda: NOW, ISSUER)


@pytest.fixture
def tokens() -> Tokens:
    clock = Still()
    algorithms = ("RS256", "ES256")
    return Tokens(Audience(ISSUER, CLIENT), ProviderKeys(shown, clock), clock, algorithms)


def with_changes(claims: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


@pytest.mark.parametrize(
    "head", [{}, {"typ": "JWT"}, {"kid": None}, {"x5t": "a", "unknown": "b"}, {"alg": "RS256"}]
)
async def test_given_a_good_id_token_then_it_is_believed(
    tokens: Tokens, op: Op, head: dict[str, Any]
) -> None:
    claims = await tokens.id_token(signed(op.id_claims(NONCE), **head), NONCE)

    assert not isinstance(claims, NotProven)
    assert claims["sub"] == "subject-1"


async def test_given_another_algorithm_that_is_allowed_then_it_is_believed(
    tokens: Tokens, op: Op
) -> None:
    token = signed(op.id_claims(NONCE), EC_ONE, "ES256")

    assert not isinstance(await tokens.id_token(token, NONCE), NotProven)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": ISSUER + "/"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": ["another"]}, "aud"),
        ({"aud": None}, "aud"),
        ({"aud": [CLIENT, "another"]}, "azp"),
        ({"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
        ({"azp": "another"}, "azp"),
        ({"exp": AT - 60}, "exp"),
        ({"exp": None}, "exp"),
        ({"exp": "soon"}, "exp"),
        ({"iat": AT + 61}, "iat"),
        ({"iat": None}, "iat"),
        ({"iat": float("nan")}, "iat"),
        ({"iat": -1}, "iat"),
        ({"exp": float("inf")}, "exp"),
        ({"nbf": AT + 61}, "nbf"),
        ({"nonce": "n-2"}, "nonce"),
        ({"nonce": None}, "nonce"),
        ({"sub": None}, "sub"),
        ({"sub": ""}, "sub"),
        ({"sub": "x" * 256}, "sub"),
        ({"sub": "a\nb"}, "sub"),
        ({"sid": 7}, "sid"),
    ],
)
async def test_given_an_id_token_with_one_thing_wrong_then_nobody_is_believed(
    tokens: Tokens, op: Op, changes: dict[str, Any], why: str
) -> None:
    claims = with_changes(op.id_claims(NONCE), changes)

    assert await tokens.id_token(signed(claims), NONCE) == NotProven(why)


async def test_given_clocks_that_differ_a_little_then_the_token_is_believed(
    tokens: Tokens, op: Op
) -> None:
    for changes in ({"exp": AT - 59}, {"iat": AT + 60}, {"nbf": AT + 60}):
        token = signed(with_changes(op.id_claims(NONCE), changes))
        assert not isinstance(await tokens.id_token(token, NONCE), NotProven)


def unpadded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def forged(op: Op) -> dict[str, str]:
    """Return tokens that say all the right things, and are signed by nobody or by somebody else."""
    claims = op.id_claims(NONCE)
    good = signed(claims)
    head, body, signature = good.split(".")
    critical = unpadded(b'{"alg":"RS256","kid":"one","crit":["b64x"],"b64x":true}') + "." + body
    assert RSA_ONE.private_key is not None
    by_hand = RSA_ONE.private_key.sign(critical.encode(), PKCS1v15(), SHA256())
    symmetric = unpadded(b'{"alg":"HS256","kid":"one"}') + "." + body
    mac = hmac.digest(RSA_ONE.as_pem(private=False), symmetric.encode(), "sha256")
    other_head = signed(claims, RSA_TWO).split(".")[0]
    return {
        "another key of the same name": signed(claims, RSA_TWO, kid="one"),
        "an unknown key": signed(claims, RSA_TWO),
        "the public key as a secret": f"{symmetric}.{unpadded(mac)}",
        "no signature": f"{head}.{body}.",
        "a changed signature": f"{head}.{body}.{signature[:-4]}AAAA",
        "another head": f"{other_head}.{body}.{signature}",
        "none": "eyJhbGciOiJub25lIn0." + body + ".",
        "an algorithm that is not allowed": signed(claims, alg="RS512"),
        "a key of its own": signed(claims, RSA_TWO, kid=None, jwk=RSA_TWO.as_dict(private=False)),
        "an unknown critical head": f"{critical}.{unpadded(by_hand)}",
        "another type": signed(claims, typ="at+jwt"),
        "no token": "hello",
        "nothing": "",
        "five parts": good + ".a.b",
        "too much": "a" * (LARGEST_TOKEN + 1),
        "no ASCII": "ä.ä.ä",
    }


@pytest.mark.parametrize("which", list(forged(Op(lambda: NOW, ISSUER))))
async def test_given_a_token_that_is_not_the_providers_then_nobody_is_believed(
    tokens: Tokens, op: Op, which: str
) -> None:
    token = forged(op)[which]

    assert isinstance(await tokens.id_token(token, NONCE), NotProven)
    assert isinstance(await tokens.logout_token(token, require_type=False), NotProven)


@pytest.mark.parametrize(
    ("auth_time", "believed"),
    [(AT - 3600, True), (AT - 3660, True), (AT - 3661, False), (None, False), (True, False)],
)
async def test_asvs_7_6_1_given_a_longest_age_then_an_older_proof_is_none(
    tokens: Tokens, op: Op, auth_time: object, believed: bool
) -> None:
    token = signed(with_changes(op.id_claims(NONCE), {"auth_time": auth_time}))

    claims = await tokens.id_token(token, NONCE, timedelta(hours=1))

    assert (claims != NotProven("auth_time")) is believed


@pytest.mark.parametrize(
    "changes", [{}, {"sub": None}, {"sid": None}, {"aud": [CLIENT]}, {"aud": [CLIENT, "other"]}]
)
async def test_given_a_good_logout_token_then_it_is_believed(
    tokens: Tokens, op: Op, changes: dict[str, Any]
) -> None:
    for head in ({"typ": "logout+jwt"}, {"typ": "application/logout+jwt"}, {}, {"typ": "JWT"}):
        token = signed(op.logout_claims(**changes), **head)
        assert not isinstance(await tokens.logout_token(token, require_type=False), NotProven)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://evil.example"}, "iss"),
        ({"iss": None}, "iss"),
        ({"aud": "another"}, "aud"),
        ({"aud": None}, "aud"),
        ({"iat": None}, "iat"),
        ({"iat": AT + 61}, "iat"),
        ({"iat": AT - 601, "exp": AT + 60}, "iat"),
        ({"exp": AT - 60}, "exp"),
        ({"exp": None}, "exp"),
        ({"jti": None}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 256}, "sub"),
        ({"sub": None, "sid": None}, "sub"),
        ({"sub": 7}, "sub"),
        ({"sid": ["idp-1"]}, "sub"),
        ({"sid": ""}, "sub"),
        ({"nonce": "n-1"}, "nonce"),
        ({"events": None}, "events"),
        ({"events": [LOGOUT_EVENT]}, "events"),
        ({"events": {}}, "events"),
        ({"events": {"https://example.com/other": {}}}, "events"),
        ({"events": {LOGOUT_EVENT: "yes"}}, "events"),
    ],
)
async def test_given_a_logout_token_with_one_thing_wrong_then_nothing_is_ordered(
    tokens: Tokens, op: Op, changes: dict[str, Any], why: str
) -> None:
    token = signed(op.logout_claims(**changes), typ="logout+jwt")

    said = await tokens.logout_token(token, require_type=False)

    assert isinstance(said, NotProven)
    assert why in said.why or said.why in ("sub", "jti")


async def test_given_an_id_token_when_it_is_sent_as_an_order_then_nothing_is_ordered(
    tokens: Tokens, op: Op
) -> None:
    claims = {**op.id_claims(NONCE), "jti": "j", "events": {LOGOUT_EVENT: {}}}

    assert await tokens.logout_token(signed(claims), require_type=False) == NotProven("nonce")


async def test_given_an_order_when_it_is_sent_as_an_id_token_then_nobody_is_believed(
    tokens: Tokens, op: Op
) -> None:
    claims = {**op.logout_claims(), "nonce": NONCE}

    said = await tokens.id_token(signed(claims, typ="logout+jwt"), NONCE)

    assert said == NotProven("typ")


@pytest.mark.parametrize("head", [{}, {"typ": "JWT"}])
async def test_given_a_type_that_is_required_then_another_orders_nothing(
    tokens: Tokens, op: Op, head: dict[str, str]
) -> None:
    token = signed(op.logout_claims(), **head)

    assert await tokens.logout_token(token, require_type=True) == NotProven("typ")
    token = signed(op.logout_claims(), typ="logout+jwt")
    assert not isinstance(await tokens.logout_token(token, require_type=True), NotProven)

"""A provider of OpenID Connect, over real HTTP: there, back, and what is no proof."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sidecar.core.provided import Account, ProviderSession
from sidecar.login.claims import ClaimNames
from sidecar.login.oidc import Offer, OidcClient, OidcProvider
from sidecar.login.provider import (
    Flow,
    LogoutOrder,
    NotProven,
    Person,
    Proven,
    ProviderUnavailable,
    Returned,
)
from sidecar.login.provider_http import ProviderHttp
from tests.login.op import CLIENT, NOW, RSA_TWO, SUBJECT, Op, Still, an_op, soon

FLOW = Flow("state-1", "nonce-1", "v" * 43)
HERE = "https://wiki.example.com/_sidecar"


@pytest.fixture
async def op() -> AsyncIterator[Op]:
    async with an_op(lambda: NOW) as serving:
        yield serving


def client_of(op: Op, **more: Any) -> OidcClient:
    names = ClaimNames(groups="groups")
    least = OidcClient(op.issuer, CLIENT, f"{HERE}/login/corp/callback", f"{HERE}/logout", names)
    return replace(least, **more)


@pytest.fixture
async def http() -> AsyncIterator[ProviderHttp]:
    made = ProviderHttp(2.0)
    yield made
    await made.close()


@pytest.fixture
def provider(op: Op, http: ProviderHttp) -> OidcProvider:
    return provider_of(client_of(op), http)


def provider_of(client: OidcClient, http: ProviderHttp) -> OidcProvider:
    return OidcProvider(Offer("corp", "Example Corp"), client, http, Still())


async def finished(
    provider: OidcProvider, op: Op, flow: Flow = FLOW, **more: str | None
) -> Proven | NotProven:
    back = {**op.authorize(await provider.begin(flow)), **more}
    return await provider.finish(Returned(str(back["code"]), back["iss"]), flow)


async def test_given_a_way_there_then_it_says_who_asks_for_what(
    provider: OidcProvider, op: Op
) -> None:
    address = urlsplit(await provider.begin(FLOW))

    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    challenge = query.pop("code_challenge")
    assert address._replace(query="").geturl() == f"{op.issuer}/auth"
    assert query == {
        "tenant": "1",  # it was in the provider's address before
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": f"{HERE}/login/corp/callback",
        "scope": "openid profile email",
        "state": "state-1",
        "nonce": "nonce-1",
        "code_challenge_method": "S256",
    }
    assert FLOW.verifier not in challenge


async def test_given_somebody_who_signed_in_there_then_it_is_known_who(
    provider: OidcProvider, op: Op
) -> None:
    op.userinfo = {"groups": ["staff"], "preferred_username": "unsigned"}

    proven = await finished(provider, op)

    assert proven == Proven(
        Person("alice", "alice@example.com", "Alice Example", ("staff",)),
        ProviderSession("corp", Account(op.issuer, SUBJECT), NOW, "idp-1"),
        NOW - timedelta(seconds=5),
    )
    assert op.forms[0]["client_id"] == CLIENT  # a client without a secret names itself


@pytest.mark.parametrize(
    ("methods", "in_head"),
    [(None, True), (["client_secret_post"], False), (["client_secret_basic", "x"], True)],
)
async def test_given_a_secret_then_it_is_shown_as_the_provider_takes_it(
    op: Op, http: ProviderHttp, tmp_path: Path, methods: list[str] | None, in_head: bool
) -> None:
    op.metadata = {"token_endpoint_auth_methods_supported": methods} if methods else {}
    secret = tmp_path / "secret"
    secret.write_text("a secret/1\n")
    provider = provider_of(client_of(op, secret_file=secret), http)

    assert isinstance(await finished(provider, op), Proven)

    assert op.authorizations[0].startswith("Basic d2lraTphJTIwc2VjcmV0JTJGMQ") is in_head
    assert (op.forms[0].get("client_secret") == "a secret/1") is not in_head


async def test_given_a_secret_that_cannot_be_read_then_nobody_can_sign_in_now(
    op: Op, http: ProviderHttp, tmp_path: Path
) -> None:
    provider = provider_of(client_of(op, secret_file=tmp_path / "none"), http)

    with pytest.raises(ProviderUnavailable):
        await finished(provider, op)


async def test_s_84_given_a_code_of_another_browser_then_it_is_of_no_use(
    provider: OidcProvider, op: Op
) -> None:
    back = op.authorize(await provider.begin(FLOW))

    theirs = replace(FLOW, verifier="w" * 43)

    assert await provider.finish(Returned(back["code"], op.issuer), theirs) == NotProven("code")


async def test_s_84_given_a_code_when_it_is_used_again_then_it_is_of_no_use(
    provider: OidcProvider, op: Op
) -> None:
    back = op.authorize(await provider.begin(FLOW))
    returned = Returned(back["code"], op.issuer)
    assert isinstance(await provider.finish(returned, FLOW), Proven)

    assert await provider.finish(returned, FLOW) == NotProven("code")


@pytest.mark.parametrize(
    ("issuer", "why"), [("https://evil.example", "iss"), (None, "iss_missing")]
)
async def test_rfc_9207_given_the_answer_of_another_provider_then_the_code_stays_here(
    provider: OidcProvider, op: Op, issuer: str | None, why: str
) -> None:
    assert await finished(provider, op, iss=issuer) == NotProven(why)
    assert op.forms == []


async def test_given_a_provider_that_names_no_issuer_then_none_is_needed(
    op: Op, http: ProviderHttp
) -> None:
    op.metadata = {"authorization_response_iss_parameter_supported": None}

    assert isinstance(await finished(provider_of(client_of(op), http), op, iss=None), Proven)


@pytest.mark.parametrize(
    ("claims", "why"),
    [({"nonce": "another"}, "nonce"), ({"aud": "another"}, "aud"), ({"sub": None}, "sub")],
)
async def test_given_an_id_token_that_is_not_for_this_flow_then_it_is_nobody(
    provider: OidcProvider, op: Op, claims: dict[str, Any], why: str
) -> None:
    op.claims = claims

    assert await finished(provider, op) == NotProven(why)


async def test_given_userinfo_of_somebody_else_then_it_is_nobody(
    provider: OidcProvider, op: Op
) -> None:
    op.userinfo = {"sub": "somebody else"}

    assert await finished(provider, op) == NotProven("userinfo")


async def test_given_settings_without_userinfo_then_it_is_not_asked_for(
    op: Op, http: ProviderHttp
) -> None:
    proven = await finished(provider_of(client_of(op, userinfo=False), http), op)

    assert isinstance(proven, Proven)
    assert "me" not in op.asked


async def test_given_claims_without_a_name_then_it_is_nobody(
    provider: OidcProvider, op: Op
) -> None:
    op.claims = {"preferred_username": None}

    assert await finished(provider, op) == NotProven("username_missing")


@pytest.mark.parametrize("what", ["token", "me", "jwks"])
async def test_f_26_given_a_provider_that_falls_silent_then_nothing_is_said_of_anybody(
    provider: OidcProvider, op: Op, what: str
) -> None:
    back = op.authorize(await provider.begin(FLOW))
    op.broken.add(what)

    with pytest.raises(ProviderUnavailable):
        await provider.finish(Returned(back["code"], op.issuer), FLOW)


async def test_given_a_fresh_proof_that_is_wanted_then_an_old_one_is_none(
    provider: OidcProvider, op: Op
) -> None:
    fresh = replace(FLOW, fresh=True)
    query = parse_qs(urlsplit(await provider.begin(fresh)).query)
    assert (query["prompt"], query["max_age"]) == (["login"], ["0"])

    assert isinstance(await finished(provider, op, fresh), Proven)
    op.claims = {"auth_time": soon(op, seconds=-90)}

    assert await finished(provider, op, fresh) == NotProven("auth_time")


async def test_given_a_longest_age_then_it_is_asked_for_and_looked_at(
    op: Op, http: ProviderHttp
) -> None:
    provider = provider_of(client_of(op, max_age=timedelta(hours=8)), http)
    assert parse_qs(urlsplit(await provider.begin(FLOW)).query)["max_age"] == ["28800"]
    op.claims = {"auth_time": soon(op, hours=-9)}

    assert await finished(provider, op) == NotProven("auth_time")


async def test_given_new_keys_of_the_provider_then_who_signs_in_notices_nothing(
    provider: OidcProvider, op: Op
) -> None:
    op.keys, op.signs_with = [RSA_TWO], RSA_TWO

    assert isinstance(await finished(provider, op), Proven)


@pytest.mark.parametrize(
    ("changes", "account", "idp_sid"),
    [({}, SUBJECT, "idp-1"), ({"sid": None}, SUBJECT, ""), ({"sub": None}, "", "idp-1")],
)
async def test_given_a_logout_token_then_it_says_what_is_over(
    provider: OidcProvider, op: Op, changes: dict[str, Any], account: str, idp_sid: str
) -> None:
    order = await provider.read_logout(op.logout_token(jti="j-1", **changes))

    once = f"logout\n{op.issuer}\nj-1"
    assert order == LogoutOrder(Account(op.issuer, account), idp_sid, NOW, once)


async def test_given_no_logout_token_then_nothing_is_ordered(provider: OidcProvider) -> None:
    assert isinstance(await provider.read_logout("hello"), NotProven)


async def test_given_people_who_sign_out_there_too_then_it_is_known_where(
    op: Op, http: ProviderHttp
) -> None:
    there = provider_of(client_of(op, sign_out_there=True), http)

    address = await there.sign_out_address()

    assert address is not None
    assert address.startswith(f"{op.issuer}/out?client_id=wiki&post_logout_redirect_uri=https%3A")
    assert await provider_of(client_of(op), http).sign_out_address() is None
    op.metadata = {"end_session_endpoint": None}
    nowhere = provider_of(client_of(op, sign_out_there=True), http)
    assert await nowhere.sign_out_address() is None

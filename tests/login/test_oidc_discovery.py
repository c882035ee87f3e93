"""A provider's metadata: whose it must be, and how long it counts."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from sidecar.login.oidc_discovery import AGAIN, FRESH, USABLE, Discovery, read_metadata
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_http import ProviderHttp
from tests.login.op import Op, Still, an_op

ISSUER = "https://login.example.com/realms/one"
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": "https://login.example.com/auth",
    "token_endpoint": "https://tokens.example.net/token",
    "jwks_uri": "https://login.example.com/keys",
}


@pytest.fixture
def clock() -> Still:
    return Still()


@pytest.fixture
async def op(clock: Still) -> AsyncIterator[Op]:
    async with an_op(clock.now) as serving:
        yield serving


@pytest.fixture
async def discovery(op: Op, clock: Still) -> AsyncIterator[Discovery]:
    http = ProviderHttp(2.0)
    yield Discovery(op.issuer, http, clock)
    await http.close()


def test_given_the_least_of_a_document_then_the_rest_has_its_default() -> None:
    metadata = read_metadata(DOCUMENT, ISSUER)

    assert metadata.token == "https://tokens.example.net/token"
    assert (metadata.userinfo, metadata.end_session) == ("", "")
    assert metadata.basic
    assert not metadata.says_issuer


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"issuer": ISSUER + "/"}, "issuer"),
        ({"issuer": "https://evil.example"}, "issuer"),
        ({"issuer": None}, "issuer"),
        ({"authorization_endpoint": None}, "authorization_endpoint"),
        ({"token_endpoint": "http://tokens.example.net/token"}, "token_endpoint"),
        ({"token_endpoint": "http://login.example.com/token"}, "token_endpoint"),
        ({"jwks_uri": "https://169.254.169.254/latest"}, "jwks_uri"),
        ({"jwks_uri": "https://10.0.0.1/keys"}, "jwks_uri"),
        ({"jwks_uri": "file:///etc/passwd"}, "jwks_uri"),
        ({"jwks_uri": ["https://login.example.com/keys"]}, "jwks_uri"),
        ({"userinfo_endpoint": "https://a:b@login.example.com/me"}, "userinfo_endpoint"),
        ({"end_session_endpoint": "https://login.example.com/#x"}, "end_session_endpoint"),
        ({"token_endpoint_auth_methods_supported": "x"}, "token_endpoint_auth"),
    ],
)
def test_s_92_given_a_document_of_no_use_then_it_is_refused(
    change: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        read_metadata({**DOCUMENT, **change}, ISSUER)


async def test_given_metadata_when_it_is_wanted_often_then_it_is_asked_for_once_an_hour(
    discovery: Discovery, op: Op, clock: Still
) -> None:
    for _ in range(3):
        assert (await discovery.get()).issuer == op.issuer
    assert op.asked == {"openid-configuration": 1}

    clock.at += FRESH
    await discovery.get()

    assert op.asked == {"openid-configuration": 2}


async def test_f_26_given_a_silent_provider_then_what_is_known_counts_for_a_day(
    discovery: Discovery, op: Op, clock: Still
) -> None:
    await discovery.get()
    op.broken.add("openid-configuration")

    clock.at += USABLE - timedelta(seconds=1)
    assert (await discovery.get()).issuer == op.issuer
    clock.at += timedelta(seconds=1)

    with pytest.raises(ProviderUnavailable):
        await discovery.get()


async def test_given_a_provider_that_failed_then_it_is_not_asked_again_at_once(
    discovery: Discovery, op: Op, clock: Still
) -> None:
    op.metadata = {"issuer": "https://evil.example"}
    for _ in range(3):
        with pytest.raises(ProviderUnavailable):
            await discovery.get()
    assert op.asked == {"openid-configuration": 1}

    op.metadata = {}
    clock.at += AGAIN

    assert (await discovery.get()).issuer == op.issuer

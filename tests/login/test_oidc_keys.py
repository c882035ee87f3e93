"""The keys of a provider: rotation, and how often a made-up key has them asked for."""

from datetime import timedelta
from typing import Any

import pytest
from joserfc.jwk import OctKey, RSAKey

from sidecar.login.oidc_keys import AGAIN, FRESH, USABLE, ProviderKeys, PublicKey, read_keys
from sidecar.login.provider import ProviderUnavailable
from sidecar.login.provider_http import Answer
from tests.login.op import EC_ONE, RSA_ONE, RSA_TWO, Still


class Asked:
    """Shows keys, or nothing, and counts."""

    def __init__(self, *keys: Any) -> None:
        self.keys: list[Any] = list(keys)
        self.times = 0
        self.silent = False

    async def __call__(self) -> Answer:
        self.times += 1
        if self.silent:
            raise ProviderUnavailable("silent")
        return Answer(200, {"keys": [key.as_dict(private=False) for key in self.keys]})


def ids(keys: list[PublicKey]) -> list[str | None]:
    return [key.kid for key in keys]


async def test_given_a_new_key_when_a_token_names_it_then_it_is_found_at_once() -> None:
    clock, ask = Still(), Asked(RSA_ONE)
    keys = ProviderKeys(ask, clock)
    assert ids(await keys.find("one", "RS256")) == ["one"]
    clock.at += AGAIN
    ask.keys = [RSA_TWO]

    assert ids(await keys.find("two", "RS256")) == ["two"]

    assert ids(await keys.find("one", "RS256")) == []  # it is the provider's no more
    assert ask.times == 2


async def test_given_keys_that_nobody_knows_then_the_provider_is_asked_once_a_minute() -> None:
    clock, ask = Still(), Asked(RSA_ONE)
    keys = ProviderKeys(ask, clock)
    for number in range(50):
        assert ids(await keys.find(f"made up {number}", "RS256")) == []
    assert ask.times == 1

    clock.at += AGAIN
    for number in range(50):
        assert ids(await keys.find(f"made up {number}", "RS256")) == []

    assert ask.times == 2


async def test_given_keys_of_an_hour_then_they_are_asked_for_again() -> None:
    clock, ask = Still(), Asked(RSA_ONE)
    keys = ProviderKeys(ask, clock)
    await keys.find("one", "RS256")
    clock.at += FRESH

    await keys.find("one", "RS256")

    assert ask.times == 2


async def test_f_26_given_a_silent_provider_then_its_keys_count_for_a_day() -> None:
    clock, ask = Still(), Asked(RSA_ONE)
    keys = ProviderKeys(ask, clock)
    await keys.find("one", "RS256")
    ask.silent = True

    clock.at += USABLE - timedelta(seconds=1)
    assert ids(await keys.find("one", "RS256")) == ["one"]
    clock.at += timedelta(seconds=1)

    with pytest.raises(ProviderUnavailable):
        await keys.find("one", "RS256")


async def test_given_no_key_yet_and_a_silent_provider_then_nothing_is_said_of_a_token() -> None:
    ask = Asked()
    ask.silent = True

    with pytest.raises(ProviderUnavailable):
        await ProviderKeys(ask, Still()).find("one", "RS256")


async def test_given_a_token_that_names_no_key_then_every_key_of_its_kind_may_be_it() -> None:
    keys = ProviderKeys(Asked(RSA_ONE, EC_ONE, RSA_TWO), Still())

    assert ids(await keys.find(None, "PS256")) == ["one", "two"]
    assert ids(await keys.find(None, "ES256")) == ["ec"]
    assert ids(await keys.find("ec", "RS256")) == []


def test_given_what_is_no_key_for_signatures_then_it_is_passed_over() -> None:
    good = RSA_ONE.as_dict(private=False)
    small = RSAKey.generate_key(1024, {"kid": "small"}).as_dict(private=False)
    listed = [
        {**good, "kid": "enc", "use": "enc"},
        OctKey.generate_key(256, {"kid": "secret"}).as_dict(private=True),
        RSA_TWO.as_dict(private=True),  # whoever shows that has given it away
        small,
        {"kty": "RSA", "kid": "half"},
        {"kty": "AKP", "kid": "new"},
        "text",
        good,
    ]

    assert [key.kid for key in read_keys({"keys": listed})] == ["one"]


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": "x"}])
def test_given_no_list_of_keys_then_the_provider_is_not_there(document: dict[str, Any]) -> None:
    with pytest.raises(ProviderUnavailable):
        read_keys(document)

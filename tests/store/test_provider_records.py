"""The session at a provider as it is kept beside one of ours."""

from datetime import UTC, datetime

from sidecar.core.provided import Account, ProviderSession
from sidecar.store.codec import dump
from sidecar.store.provider_records import decode_provider, provider_fields


def test_given_a_session_of_a_provider_when_it_is_kept_then_the_same_is_read_again() -> None:
    account = Account("https://login.example.com", "a “subject”")
    at = datetime(2026, 12, 1, 10, 0, 5, tzinfo=UTC)

    for provider in (
        ProviderSession("corp", account, at, "idp-1"),
        ProviderSession("corp", account, at),
    ):
        assert decode_provider(dump(provider_fields(provider))) == provider

"""Accounts and sessions at providers: what tells one from another."""

from datetime import UTC, datetime

from sidecar.core.provided import Account, ProviderSession, digest_of_session

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def test_given_accounts_that_differ_in_issuer_or_subject_then_none_stands_for_another() -> None:
    accounts = [
        Account("https://a.example", "1"),
        Account("https://a.example", "2"),
        Account("https://b.example", "1"),
        Account("https://a.example\n1", ""),
        Account("https://a.example", "1\n"),
    ]

    digests = {account.digest for account in accounts}

    assert len(digests) == len(accounts)
    assert accounts[0].issuer_digest == accounts[1].issuer_digest != accounts[2].issuer_digest


def test_given_a_session_of_a_provider_then_ours_is_found_by_it_and_by_the_account() -> None:
    account = Account("https://a.example", "s-1")

    with_one = ProviderSession("corp", account, NOW, "s-1")
    without = ProviderSession("corp", account, NOW)

    assert with_one.digests == (account.digest, digest_of_session("https://a.example", "s-1"))
    assert len(set(with_one.digests)) == 2  # equal texts, another meaning
    assert without.digests == (account.digest,)

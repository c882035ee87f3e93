"""The providers of the settings, put together; and that nothing is loaded where there are none."""

import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest

from sidecar.app_identity import check_identity, identity_of
from sidecar.process import StartRefused
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.store.connect import connect
from sidecar.store.database import Database
from sidecar.store.keys import Keys
from tests.rules.source import ROOT

OWN = {
    "kind": "oidc",
    "issuer": "https://login.example.com",
    "client_id": "wiki",
    "auto": "true",
    "link_existing": "true",
    "create_users": "false",
    "groups_claim": "groups",
    "required_groups": "staff",
}


def load(**providers: dict[str, str]) -> Settings:
    flags = {
        f"identity.{name}.{key}": value
        for name, own in providers.items()
        for key, value in own.items()
    }
    return load_settings(None, {}, {"public_url": "https://wiki.example.com", **flags})


def parts() -> Any:
    """Nothing of the rest is asked for before somebody signs in."""

    deadline = timedelta(seconds=1)

    class Nothing:
        database = Database(connect("redis://127.0.0.1:1", deadline), Keys(), deadline)

        def __getattr__(self, _: str) -> None:
            return None

    return Nothing()


async def test_given_settings_then_each_provider_is_what_they_say() -> None:
    second = {key: OWN[key] for key in ("kind", "issuer", "client_id")}
    async with AsyncExitStack() as stack:
        room = identity_of(
            load(corp=OWN, second={**second, "label": "Second"}), parts(), stack
        ).room

        assert room is not None
        corp, other = room.providers["corp"], room.providers["second"]
        assert (corp.label, corp.auto, corp.default) == ("corp", True, True)
        assert (corp.link_existing, corp.create_users) == (True, False)
        assert corp.required_groups == ("staff",)
        assert (other.label, other.auto, other.create_users) == ("Second", False, True)
        assert room.auto == "corp"
        assert [one.name for one in room.offered] == ["corp", "second"]


async def test_given_settings_without_providers_then_there_is_none() -> None:
    async with AsyncExitStack() as stack:
        assert identity_of(load(), parts(), stack).room is None


def test_given_no_provider_then_a_worker_has_loaded_nothing_that_speaks_to_one() -> None:
    code = "import sys, sidecar.app, sidecar.app_identity; print(*sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)

    loaded = set(done.stdout.split())
    assert "sidecar.app_identity" in loaded, done.stderr
    assert not loaded & {"joserfc", "ldap3", "sidecar.login.oidc", "sidecar.login.provider_http"}


def test_given_no_timeout_then_a_call_to_a_provider_has_one_all_the_same() -> None:
    assert load(corp=OWN).identity["corp"].timeout == timedelta(seconds=5)


async def test_given_a_directory_then_it_proves_passwords_and_no_browser_is_sent_there() -> None:
    own = {"kind": "ldap", "urls": "ldaps://127.0.0.1:1", "base": "dc=x", "link_existing": "true"}
    async with AsyncExitStack() as stack:
        made = identity_of(load(staff=own, other={**own, "default": "true"}), parts(), stack)

        assert made.room is None
        assert made.directories is not None
        assert [one.name for one in made.directories.every] == ["other", "staff"]
        assert made.directories.every[0].link_existing


def test_given_a_directory_without_the_package_then_the_start_is_refused_and_says_which(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = {"kind": "ldap", "urls": "ldaps://127.0.0.1:1", "base": "dc=x"}
    check_identity(load(staff=own))
    for name in ("sidecar.login.ldap", "sidecar.login.ldap_wire"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setitem(sys.modules, "ldap3", None)

    with pytest.raises(StartRefused, match=r"session-sidecar\[ldap\]"):
        check_identity(load(staff=own))

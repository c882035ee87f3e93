"""The settings of identity providers: what is accepted, and how a worker gets them."""

from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.core.users import Role
from sidecar.settings import Settings
from sidecar.settings_identity import OidcSettings
from sidecar.settings_load import SettingsInvalid, load_settings
from sidecar.settings_texts import settings_of, texts_of

LEAST = {
    "identity.corp.kind": "oidc",
    "identity.corp.issuer": "https://login.example.com",
    "identity.corp.client_id": "wiki",
}
FILE = """
[identity.corp]
kind = "oidc"
issuer = "https://login.example.com/realms/one"
client_id = "wiki"
client_secret_file = "secret"
label = "Example, Corp"
username_claim = "email"
groups_claim = "groups"
required_groups = ["staff", "people at large"]
max_age = "8h"
default = true
[identity.corp.roles]
admin = ["ops", "leads"]
owner = ["boss"]
[identity.second]
kind = "oidc"
issuer = "http://127.0.0.1:9000"
client_id = "wiki"
"""


def load(**more: str) -> Settings:
    return load_settings(None, {}, {**LEAST, **{f"identity.corp.{k}": v for k, v in more.items()}})


def test_given_providers_in_a_file_when_a_worker_gets_them_then_they_are_the_same(
    tmp_path: Path,
) -> None:
    config = tmp_path / "sidecar.toml"
    config.write_text(FILE)
    (tmp_path / "secret").write_text("hunter2")

    settings = load_settings(config, {}, {})

    corp = settings.identity["corp"]
    assert isinstance(corp, OidcSettings)
    assert list(settings.identity) == ["corp", "second"]
    assert corp.client_secret_file == tmp_path / "secret"  # counts from the file's folder
    assert corp.roles.by_role() == {Role.ADMIN: ("ops", "leads"), Role.OWNER: ("boss",)}
    assert corp.required_groups == ("staff", "people at large")
    assert corp.max_age == timedelta(hours=8)
    assert settings.identity["second"].roles.by_role() == {}
    assert settings_of(texts_of(settings)) == settings


def test_given_a_provider_in_the_environment_when_it_is_read_then_it_is_there() -> None:
    environ = {
        "SIDECAR_IDENTITY__CORP__KIND": "oidc",
        "SIDECAR_IDENTITY__CORP__ISSUER": "https://login.example.com",
        "SIDECAR_IDENTITY__CORP__CLIENT_ID": "wiki",
        "SIDECAR_IDENTITY__CORP__GROUPS_CLAIM": "groups",
        "SIDECAR_IDENTITY__CORP__ROLES__ADMIN": "ops, leads",
    }

    settings = load_settings(None, environ, {})

    assert settings.identity["corp"].roles.admin == ("ops", "leads")


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("issuer", "http://login.example.com", "must be the URL of an issuer"),
        ("issuer", "https://login.example.com/?tenant=1", "must be the URL of an issuer"),
        ("issuer", "https://a:b@login.example.com", "must be the URL of an issuer"),
        ("issuer", "https://login.example.com:99999", "must be the URL of an issuer"),
        ("issuer", "https://", "must be the URL of an issuer"),
        ("issuer", "https://login.example.com/a b", "must be the URL of an issuer"),
        ("client_id", "", "must be a text"),
        ("kind", "oauth", "must be 'oidc' or 'ldap'"),
        ("algorithms", "HS256", "must hold some of"),
        ("algorithms", "none", "must hold some of"),
        ("algorithms", "", "must hold some of"),
        ("scopes", "a\nb", "must hold texts without commas"),
        ("max_age", "0s", "must be longer"),
        ("ca", "/no/such/file", "cannot read"),
        ("nothing", "x", "unknown key"),
    ],
)
def test_given_what_no_provider_has_when_it_is_read_then_it_is_a_fault(
    key: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsInvalid, match=f"identity.corp.{key.replace('_', '-')}: {said}"):
        load(**{key: value})


@pytest.mark.parametrize("name", ["Corp", "-corp", "corp_one", "c" * 33, "corp/x"])
def test_given_a_name_that_fits_no_address_when_it_is_read_then_it_is_a_fault(
    tmp_path: Path, name: str
) -> None:
    config = tmp_path / "sidecar.toml"
    config.write_text(FILE.replace("[identity.second]", f'[identity."{name}"]'))
    (tmp_path / "secret").write_text("hunter2")

    with pytest.raises(SettingsInvalid, match="must be a name such as"):
        load_settings(config, {}, {})


@pytest.mark.parametrize("key", ["default", "auto"])
def test_given_two_providers_that_are_both_first_when_they_are_read_then_that_is_a_fault(
    key: str,
) -> None:
    second = {k.replace("corp", "other"): v for k, v in LEAST.items()}
    both = {f"identity.corp.{key}": "true", f"identity.other.{key}": "true"}

    with pytest.raises(SettingsInvalid, match=f"identity.other.{key}: is true for identity.corp"):
        load_settings(None, {}, {**LEAST, **second, **both})


def test_given_a_table_without_a_key_when_a_flag_names_it_then_that_is_a_fault() -> None:
    with pytest.raises(SettingsInvalid, match=r"identity\.corp: is a table"):
        load_settings(None, {}, {"identity.corp": "x"})


@pytest.mark.parametrize("more", [{"required_groups": "staff"}, {"roles.admin": "ops"}])
def test_given_groups_that_no_claim_names_when_they_are_read_then_that_is_a_fault(
    more: dict[str, str],
) -> None:
    with pytest.raises(SettingsInvalid, match="groups_claim: is missing"):
        load(**more)

"""The settings of directories: what is accepted, and how a worker gets them."""

from pathlib import Path

import pytest

from sidecar.settings import Settings
from sidecar.settings_ldap import LdapSettings
from sidecar.settings_load import SettingsInvalid, load_settings
from sidecar.settings_texts import settings_of, texts_of

LEAST = {
    "identity.corp.kind": "ldap",
    "identity.corp.urls": "ldaps://one.example.com,ldaps://two.example.com:1636",
    "identity.corp.base": "dc=example,dc=com",
}
FILE = """
[identity.corp]
kind = "ldap"
urls = ["ldaps://ldap.example.com"]
base = "dc=example,dc=com"
bind_dn = "cn=sidecar,dc=example,dc=com"
bind_password_file = "password"
user_filter = "(&(uid={username})(!(employeeType=left)))"
group_attribute = "memberOf"
required_groups = ["staff"]
default = true
[identity.corp.roles]
admin = ["ops"]
[identity.other]
kind = "oidc"
issuer = "https://login.example.com"
client_id = "wiki"
"""


def load(**more: str) -> Settings:
    return load_settings(None, {}, {**LEAST, **{f"identity.corp.{k}": v for k, v in more.items()}})


def test_given_a_directory_beside_a_provider_when_a_worker_gets_them_then_they_are_the_same(
    tmp_path: Path,
) -> None:
    config = tmp_path / "sidecar.toml"
    config.write_text(FILE)
    (tmp_path / "password").write_text("hunter2")

    settings = load_settings(config, {}, {})

    corp = settings.identity["corp"]
    assert isinstance(corp, LdapSettings)
    assert corp.bind_password_file == tmp_path / "password"  # counts from the file's folder
    assert corp.user_filter == "(&(uid={username})(!(employeeType=left)))"
    assert settings.identity["other"].kind == "oidc"
    assert settings_of(texts_of(settings)) == settings


def test_given_variables_then_a_directory_is_told_from_a_provider() -> None:
    environ = {"SIDECAR_IDENTITY__CORP__TIMEOUT": "2s", "SIDECAR_IDENTITY__CORP__CONNECTIONS": "9"}

    corp = load_settings(None, environ, LEAST).identity["corp"]

    assert isinstance(corp, LdapSettings)
    assert corp.urls == ("ldaps://one.example.com", "ldaps://two.example.com:1636")
    assert (corp.timeout.total_seconds(), corp.connections) == (2, 9)


@pytest.mark.parametrize(
    ("own", "key", "problem"),
    [
        ({"urls": "https://ldap.example.com"}, "urls", "ldaps://"),
        ({"urls": "ldaps://ldap.example.com/dc=example"}, "urls", "ldaps://"),
        ({"urls": "ldaps://someone:secret@ldap.example.com"}, "urls", "ldaps://"),
        (
            {"urls": "ldap://ldap.example.com", "start_tls": "false"},
            "start_tls",
            "not this machine",
        ),
        ({"bind_dn": "cn=sidecar"}, "bind_password_file", "is missing"),
        ({"user_filter": "(uid=ann)"}, "user_filter", "{username}"),
        ({"user_filter": "uid={username}"}, "user_filter", "parentheses"),
        ({"user_filter": "(uid={username}))("}, "user_filter", "parentheses"),
        ({"group_filter": "(member=x)"}, "group_filter", "{dn}"),
        ({"required_groups": "staff"}, "group_attribute", "is missing"),
        ({"connections": "0"}, "connections", "1 to 64"),
        ({"kind": "ldaps"}, "kind", "oidc"),
        ({"client_id": "wiki"}, "client_id", "unknown"),
    ],
)
def test_given_what_cannot_be_meant_then_it_is_a_fault_with_its_place(
    own: dict[str, str], key: str, problem: str
) -> None:
    with pytest.raises(SettingsInvalid) as caught:
        load(**own)

    faults = {fault.key: fault.problem for fault in caught.value.faults}
    assert problem in faults[f"identity.corp.{key}"]


def test_given_no_encryption_then_it_is_accepted_towards_this_machine_only() -> None:
    corp = load(urls="ldap://127.0.0.1:3890", start_tls="false").identity["corp"]

    assert isinstance(corp, LdapSettings)
    assert not corp.start_tls

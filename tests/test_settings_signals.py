"""The settings of sources of signals: what is accepted, and how a worker gets them."""

from pathlib import Path

import pytest

from sidecar.settings_load import SettingsInvalid, load_settings
from sidecar.settings_texts import settings_of, texts_of
from tests.login.op import EC_ONE

FILE = """
[signals.hr]
kind = "hmac"
secret_file = "secret"
may = ["user"]
[signals.siem]
kind = "jwt"
keys_file = "siem.pem"
issuer = "https://siem.example.com"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("a secret of thirty-two bytes, 12\n")
    (tmp_path / "short").write_text("hunter2\n")
    (tmp_path / "siem.pem").write_bytes(EC_ONE.as_pem(private=False))
    return tmp_path


def faults_of(folder: Path, text: str) -> list[str]:
    config = folder / "sidecar.toml"
    config.write_text(text)
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(config, {}, {})
    assert "hunter2" not in str(refused.value)
    return [f"{fault.key}: {fault.problem}" for fault in refused.value.faults]


def test_given_sources_in_a_file_when_a_worker_gets_them_then_they_are_the_same(
    folder: Path,
) -> None:
    config = folder / "sidecar.toml"
    config.write_text(FILE)

    settings = load_settings(config, {}, {})

    assert settings.signals["hr"].secret_file == folder / "secret"
    assert settings.signals["hr"].may == ("user",)
    assert settings.signals["siem"].may == ("user", "session")
    assert settings_of(texts_of(settings)) == settings


@pytest.mark.parametrize(
    ("own", "fault"),
    [
        ('kind = "hmac"', "signals.hr.secret_file: is missing"),
        ('kind = "jwt"', "signals.hr.keys_file: is missing"),
        ('kind = "hmac"\nsecret_file = "short"', "signals.hr.secret_file: must hold a secret of"),
        ('kind = "jwt"\nkeys_file = "short"', "signals.hr.keys_file: must hold public keys"),
        (
            'kind = "hmac"\nsecret_file = "secret"\nkeys_file = "siem.pem"',
            "signals.hr.keys_file: is not for",
        ),
        ('kind = "hmac"\nsecret_file = "none"', "signals.hr.secret_file: cannot read"),
        ('kind = "hmac"\nsecret_file = "secret"\nmay = []', "signals.hr.may: must hold"),
        ('kind = "hmac"\nsecret_file = "secret"\nmay = ["all"]', "signals.hr.may: must hold"),
        ('kind = "basic"', "signals.hr.kind:"),
    ],
)
def test_given_a_source_with_a_fault_then_its_key_is_told(
    folder: Path, own: str, fault: str
) -> None:
    (found, *_) = faults_of(folder, f"[signals.hr]\n{own}\n")

    assert found.startswith(fault)

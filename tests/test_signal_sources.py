"""The sources of signals, made of their files; nothing is loaded where there are none."""

import subprocess
import sys
from pathlib import Path

import pytest

from sidecar.core.signals import SharedSecret
from sidecar.login.signal_tokens import SignedTokens
from sidecar.settings import Settings
from sidecar.settings_load import load_settings
from sidecar.signal_sources import signal_faults, sources_of
from tests.login.op import EC_ONE
from tests.rules.source import ROOT


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "secret").write_text("a secret of thirty-two bytes, 12\n")
    (tmp_path / "siem.pem").write_bytes(EC_ONE.as_pem(private=False))
    flags = {
        "public_url": "https://wiki.example.com",
        "signals.hr.kind": "hmac",
        "signals.hr.secret_file": str(tmp_path / "secret"),
        "signals.hr.may": "session",
        "signals.siem.kind": "jwt",
        "signals.siem.keys_file": str(tmp_path / "siem.pem"),
    }
    return load_settings(None, {}, flags)


def test_given_sources_then_each_is_what_its_settings_say(settings: Settings) -> None:
    sources = sources_of(settings)

    hr, siem = sources["hr"], sources["siem"]
    assert isinstance(hr, SharedSecret)
    assert hr.may == frozenset({"session"})
    assert isinstance(siem, SignedTokens)
    assert siem.audience == "https://wiki.example.com"
    assert siem.may == frozenset({"user", "session"})
    assert list(signal_faults(settings)) == []


def test_given_a_file_that_became_unusable_then_that_is_said(settings: Settings) -> None:
    secret = settings.signals["hr"].secret_file
    assert secret is not None
    secret.write_bytes(b"\xff\xfe")

    with pytest.raises(ValueError, match="cannot be read as text"):
        sources_of(settings)
    secret.unlink()
    assert list(signal_faults(settings)) == [
        (("signals", "hr", "secret_file"), "cannot be read as text")
    ]


def test_given_no_tokens_then_what_they_need_is_not_loaded() -> None:
    said = subprocess.run(
        [sys.executable, "-c", "import sys, sidecar.app_signals; print('joserfc' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout

    assert said.strip() == "False"

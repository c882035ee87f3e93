"""SCIM, put together of the settings."""

from hashlib import sha256
from pathlib import Path
from typing import Any

from sidecar.app_scim import scim_of
from sidecar.settings_load import load_settings

TOKEN = "a-token-that-is-long-enough-to-be-one"
NOBODY: Any = object()


def test_given_a_token_then_only_its_hash_is_kept(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    flags = {"scim.token_file": str(tmp_path / "token"), "public_url": "https://wiki.example.com"}

    room = scim_of(load_settings(None, {}, flags), NOBODY)

    assert room is not None
    assert room.hashes == [sha256(TOKEN.encode()).digest()]
    assert room.users.here == "https://wiki.example.com/_sidecar/scim/v2"


def test_given_no_token_then_there_is_no_scim() -> None:
    assert scim_of(load_settings(None, {}, {}), NOBODY) is None

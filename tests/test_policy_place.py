"""Where policies are looked for."""

from pathlib import Path

from sidecar.policy_place import default_policy_file, policy_files


def test_given_no_path_when_the_default_is_asked_then_it_is_a_file_that_is_there() -> None:
    assert default_policy_file().is_file()


def test_given_a_folder_when_its_files_are_asked_then_they_come_by_name_and_only_toml(
    tmp_path: Path,
) -> None:
    for name in ("20.toml", "10.toml", "notes.txt"):
        (tmp_path / name).touch()

    assert policy_files(tmp_path) == [tmp_path / "10.toml", tmp_path / "20.toml"]

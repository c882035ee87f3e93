from datetime import UTC, datetime
from pathlib import Path

import pytest

from sidecar.store.audit_key import AuditKey
from sidecar.store.seal_note import SealNote, SealNoteUnreadable, read_note, write_note

NOTE = SealNote(
    7, datetime(2026, 5, 17, 9, 30, 0, 123000, tzinfo=UTC), b"h" * 32, AuditKey(b"k" * 32).public
)


def test_given_a_note_when_it_is_written_then_it_is_read_back_and_nothing_else_is_left(
    tmp_path: Path,
) -> None:
    assert read_note(tmp_path) is None

    write_note(tmp_path, NOTE._replace(number=6))
    write_note(tmp_path, NOTE)

    assert read_note(tmp_path) == NOTE
    (file,) = tmp_path.iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"number": 1}'])
def test_given_what_is_no_note_then_it_is_one_line_that_names_the_file(
    tmp_path: Path, text: str
) -> None:
    write_note(tmp_path, NOTE)
    (file,) = tmp_path.iterdir()
    file.write_text(text)

    with pytest.raises(SealNoteUnreadable, match=r"audit-seal\.json"):
        read_note(tmp_path)


def test_given_a_folder_in_its_place_then_it_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "audit-seal.json").mkdir()

    with pytest.raises(SealNoteUnreadable, match="cannot read"):
        read_note(tmp_path)
    with pytest.raises(OSError, match="directory"):
        write_note(tmp_path, NOTE)
    assert len(list(tmp_path.iterdir())) == 1

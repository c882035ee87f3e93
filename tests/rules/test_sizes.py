"""No file outgrows its room: 200 lines are the aim, 300 the end."""

from pathlib import Path

from tests.rules.source import files, relative, report

MOST_LINES = 300


def too_long(path: Path) -> bool:
    return len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES


def test_given_every_source_file_when_its_lines_are_counted_then_none_has_more_than_300():
    sources = files(".py", ".js", ".lua", ".css", ".html", ".j2")

    found = [relative(path) for path in sources if too_long(path)]

    assert not found, report(found)


def test_given_a_file_of_301_lines_when_its_lines_are_counted_then_it_is_found(tmp_path: Path):
    full, overfull = tmp_path / "full.py", tmp_path / "overfull.py"
    full.write_text("x = 1\n" * 300, encoding="utf-8")
    overfull.write_text("x = 1\n" * 301, encoding="utf-8")

    found = [path for path in (full, overfull) if too_long(path)]

    assert found == [overfull]

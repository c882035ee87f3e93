"""Files without a name."""

import os
import subprocess
import sys

from sidecar.observe.anonymous import anonymous_file, path_of


def test_given_content_when_the_file_is_opened_by_its_path_then_it_is_read_whole() -> None:
    fd = anonymous_file("trial", b"content" * 100_000)

    assert path_of(fd).read_bytes() == b"content" * 100_000
    os.close(fd)


def test_given_an_anonymous_file_when_another_process_starts_then_it_has_it_only_if_given() -> None:
    fd = anonymous_file("trial", b"content")
    look = [sys.executable, "-c", f"import os; print(os.read({fd}, 99))"]

    given = subprocess.run(look, pass_fds=(fd,), capture_output=True, text=True, check=False)
    kept = subprocess.run(look, capture_output=True, text=True, check=False)

    assert given.stdout == "b'content'\n"
    assert "Bad file descriptor" in kept.stderr
    os.close(fd)

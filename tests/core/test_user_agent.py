"""What a client calls itself, as bytes from outside."""

import pytest

from sidecar.core.user_agent import LONGEST, clean_user_agent, read_user_agent


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (None, ""),
        (b"", ""),
        (b"curl/8.5.0", "curl/8.5.0"),
        (b"  b\xe9ta\r\n\x1b[31m ", "b\N{REPLACEMENT CHARACTER}ta [31m"),
        ("Zürich/1".encode(), "Zürich/1"),
        (b"2026-01-01T00:00:00.000Z", ""),
    ],
)
def test_given_the_bytes_of_a_field_then_they_become_one_line_of_text(
    raw: bytes | None, text: str
) -> None:
    assert read_user_agent(raw) == text


def test_given_a_long_one_then_it_is_cut_and_reading_it_again_changes_nothing() -> None:
    cleaned = read_user_agent(b"z" * 100_000)

    assert len(cleaned) == LONGEST
    assert clean_user_agent(cleaned) == cleaned

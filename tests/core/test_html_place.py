import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.html_place import LIMIT, NOWHERE, HtmlPlace
from tests.core.html_pages import PLACED, UNPLACED, split

PIECES = [
    "<!doctype html>",
    "<html",
    "<head",
    "<header>",
    ">",
    "<!--",
    "-->",
    "<!",
    "<?",
    "<title>",
]
PIECES += ["'", '"', "=", "/", " ", "\n", "a", "--!>", "</html>", "<", "-", "\xe9", "\u3042", "\0"]
NEWS = "<!doctype html><!-- {words} --><html><head>@<title>{words}</title>"
ENCODINGS = {
    "utf-8": "Grüße – 日本",
    "utf-8-sig": "Grüße – 日本",
    "iso-8859-1": "Grüße",
    "windows-1252": "Grüße – €",
    "shift_jis": "表示ソ能",  # with second bytes that are \, | and letters
    "gb18030": "简体中文 𠀀",
    "euc-kr": "한국어",
    "big5": "功許蓋",
    "euc-jp": "日本語",
    "koi8-r": "Привет",
}


def found(body: bytes, charset: str = "", sizes: list[int] | None = None) -> tuple[int, str]:
    """Feed the body, in parts of these sizes or whole; return the place and the encoding."""
    place, at = HtmlPlace(charset), 0
    for size in sizes or [len(body)]:
        where = place.feed(body[at : at + size])
        at += size
        if where is not None:
            return where, place.encoding
    where = place.feed(body[at:]) if at < len(body) else None
    return (place.end() if where is None else where), place.encoding


@pytest.mark.parametrize("name", PLACED)
def test_given_a_page_then_the_tag_goes_where_a_browser_would_have_it(name: str) -> None:
    page, expected = split(PLACED[name])

    assert found(page.encode()) == (expected, "ascii")


@pytest.mark.parametrize("name", UNPLACED)
def test_given_what_is_no_page_then_the_tag_goes_nowhere(name: str) -> None:
    assert found(UNPLACED[name].encode())[0] == NOWHERE


@pytest.mark.parametrize("name", [*PLACED, *UNPLACED])
@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_given_a_page_in_tiny_parts_then_the_place_is_the_same(name: str, size: int) -> None:
    page, expected = split((PLACED | UNPLACED)[name])
    body = page.encode()

    assert found(body, sizes=[size] * (len(body) // size))[0] == expected


@given(st.lists(st.sampled_from(PIECES), max_size=24), st.lists(st.integers(1, 9), max_size=40))
def test_given_any_text_in_any_parts_then_the_place_is_that_of_the_whole(
    pieces: list[str], sizes: list[int]
) -> None:
    body = "".join(pieces).encode()

    assert found(body, sizes=sizes) == found(body)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_given_an_encoding_that_begins_like_ascii_then_the_place_is_found_in_bytes(
    encoding: str,
) -> None:
    before, _, after = NEWS.format(words=ENCODINGS[encoding]).partition("@")
    body = (before + after).encode(encoding)

    assert found(body) == (len(before.encode(encoding)), "ascii")


@pytest.mark.parametrize("name", [*PLACED, *UNPLACED])
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("size", [1, 2, 3, 10_000])
def test_given_utf_16_with_its_mark_then_place_and_tag_are_in_its_code_units(
    name: str, encoding: str, size: int
) -> None:
    page, at = split((PLACED | UNPLACED)[name])
    body = ("\ufeff" + page).encode(encoding)

    where, written = found(body, sizes=[size] * (len(body) // size))

    assert where == (NOWHERE if at < 0 else 2 * (at + 1))
    assert written == (encoding if len(body) > 2 else written)


@pytest.mark.parametrize(
    ("label", "encoding"),
    [("UTF-16", "utf-16-le"), ("utf-16be", "utf-16-be"), ("UCS-2", "utf-16-le")],
)
def test_given_utf_16_by_name_then_characters_of_the_upper_pages_are_no_markup(
    label: str, encoding: str
) -> None:
    page = "<!doctype html><!-- \u3c68\u3e3e --><html lang='\u3e00'><head>"

    assert found(page.encode(encoding), label) == (2 * len(page), encoding)


def test_given_a_byte_order_mark_then_it_counts_more_than_the_name() -> None:
    assert found(b"\xef\xbb\xbf<html><head>", "utf-16") == (15, "ascii")


def test_given_utf_16_of_which_nobody_says_so_then_the_page_is_left_alone() -> None:
    assert found("<!doctype html><html><head>".encode("utf-16-le"))[0] == NOWHERE


def test_given_a_first_part_that_is_large_then_what_is_beyond_the_limit_is_not_looked_at() -> None:
    near = b"<!doctype html><html>" + b" " * (LIMIT - 27) + b"<head>"
    far = b"<!doctype html><html>" + b" " * (LIMIT - 26) + b"<head>"

    assert found(near + b"x" * LIMIT)[0] == LIMIT
    assert found(far + b"x" * LIMIT)[0] == NOWHERE


def test_given_a_head_that_never_comes_then_no_more_than_the_limit_is_held_back() -> None:
    place = HtmlPlace()
    fed = [place.feed(b"<!-- " + b"-" * 995) for _ in range(9)]

    assert fed == [None] * 8 + [NOWHERE]


def test_given_the_place_then_what_was_held_is_all_that_came() -> None:
    place = HtmlPlace()
    for part in (b"<!doc", b"type html><he", b"ad><title>a"):
        place.feed(part)

    assert place.held == b"<!doctype html><head><title>a"

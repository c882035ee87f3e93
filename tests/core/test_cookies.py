"""The upstream never sees our cookies, and keeps its own untouched (cases S-49, S-54)."""

import secrets
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.cookies import CookieTable, is_own_cookie, sets_own_cookie, take_cookie
from sidecar.core.token import hash_secret, new_handle, write_token

NAME = b"__Host-sidecar"
KEY = b"k" * 32
HANDLE = new_handle(datetime(2026, 1, 1, tzinfo=UTC), 0, b"r" * 22)


def a_token(key_id: str = "a", key: bytes = KEY, secret: str = "s" * 43) -> bytes:
    return write_token(HANDLE, secret, key_id, key).encode()


def a_table(keys: dict[str, bytes] | None = None) -> CookieTable:
    ring = {"a": KEY} if keys is None else keys
    return CookieTable(lambda: ring, secure=True)


@pytest.mark.parametrize(
    ("lines", "rest"),
    [
        ([b"__Host-sidecar=T"], None),
        ([b"__Host-sidecar=T; a=1"], b"a=1"),
        ([b"a=1; __Host-sidecar=T"], b"a=1"),
        ([b"a=1; __Host-sidecar=T; b=2"], b"a=1; b=2"),
        ([b"a=1;__Host-sidecar=T;b=2"], b"a=1;b=2"),
        ([b"a=1;   __Host-sidecar = T ;  b=2"], b"a=1;  b=2"),
        ([b"a=1", b"__Host-sidecar=T"], b"a=1"),
        ([b"__Host-sidecar=T", b"a=1; b=2"], b"a=1; b=2"),
        ([b"a=1", b"b=2; __Host-sidecar=T", b"c"], b"a=1; b=2; c"),
        ([b"__Host-sidecar=T; __Host-sidecar=T; z=\xc3\xa9"], b"z=\xc3\xa9"),
        ([b'a="x y"; __Host-sidecar=T; a=2'], b'a="x y"; a=2'),
        ([b"__Host-sidecar=T;"], None),
        ([b"__host-SIDECAR=x; __Host-sidecar=T; Sidecar-Csrf=1; __Host-sidecar-state=2; b"], b"b"),
        ([b"=__Host-sidecar=x; __Host-sidecar=T; =a"], b"=a"),
    ],
)
def test_s49_given_ours_among_others_then_it_is_taken_and_the_rest_is_as_it_was(
    lines: list[bytes], rest: bytes | None
) -> None:
    taken = take_cookie(lines, NAME)

    assert taken.value == b"T"
    assert not taken.contradictory
    assert taken.rest == rest


@pytest.mark.parametrize(
    "line", [b"a=1;  b=2", b" a", b";;a=;", b"sidecars=1; a=sidecar", b"my_sidecar=", b"a=1; "]
)
def test_s49_given_only_cookies_of_others_then_the_line_is_as_it_was(line: bytes) -> None:
    taken = take_cookie([line], NAME)

    assert (taken.value, taken.rest) == (None, line)


def test_s49_given_two_different_ones_of_ours_then_neither_is_believed() -> None:
    taken = take_cookie([b"__Host-sidecar=A; a=1", b"__Host-sidecar=B"], NAME)

    assert (taken.value, taken.contradictory, taken.rest) == (None, True, b"a=1")


@pytest.mark.parametrize(
    "name", [b"__host-sidecar", b"__Host-Sidecar", b"sidecar", b"__Secure-sidecar"]
)
def test_s49_given_our_name_in_another_spelling_then_it_is_removed_but_never_read(
    name: bytes,
) -> None:
    assert take_cookie([name + b"=T; a=1"], NAME) == (None, False, b"a=1")


cookie_text = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters=";=")
)


@given(
    st.lists(st.tuples(cookie_text, cookie_text), min_size=1, max_size=6),
    st.integers(0, 6),
    st.sampled_from(["; ", ";", " ;  "]),
)
def test_s49_wherever_ours_is_the_others_stay_byte_for_byte_in_order(
    others: list[tuple[str, str]], place: int, separator: str
) -> None:
    pairs = [f"c{name}={value}" for name, value in others]
    mixed = [*pairs[:place], "__Host-sidecar=SECRET", *pairs[place:]]

    taken = take_cookie([separator.join(mixed).encode()], NAME)

    assert taken.rest is not None
    assert [pair.strip(b" ") for pair in taken.rest.split(b";")] == [p.encode() for p in pairs]
    assert taken.value == b"SECRET"


@pytest.mark.parametrize("cookie", [b"__HOST-SIDECAR=1; Path=/", b" =sidecar-x=1", b"sidecar"])
def test_s51_given_a_set_cookie_of_ours_then_it_is_known(cookie: bytes) -> None:
    assert sets_own_cookie(cookie)


def test_s51_given_our_name_only_in_an_attribute_then_the_cookie_is_not_ours() -> None:
    assert not sets_own_cookie(b"a=1; Path=/sidecar=1")
    assert not is_own_cookie(b"sidecar_x")


def test_given_a_genuine_cookie_then_it_says_which_session() -> None:
    facts = a_table().read(b"a=1; __Host-sidecar=" + a_token())

    assert facts.credential is not None
    assert facts.credential.handle == HANDLE
    assert facts.credential.secret_hash == hash_secret("s" * 43)
    assert (facts.forged, facts.rest) == (False, b"a=1")


def test_given_no_cookie_of_ours_then_nothing_is_forged() -> None:
    assert a_table().read(None) == (None, False, None)
    assert a_table().read(b"a=1") == (None, False, b"a=1")


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"x" * 4096,
        b"chunks=99999999",
        b"1.a." + b"!" * 30,
        b"....",
        b"1.a.\xff\xfe.x.y",
        b"1.a.caf\xc3\xa9.x.y",
        a_token("b"),
        a_token(key=b"K" * 32),
        a_token() + b"x",
        a_token()[:-1],
        a_token().upper(),
        a_token().replace(b"s", b"t", 1),
    ],
)
def test_s54_given_junk_in_our_cookie_then_it_is_forged_and_never_an_error(junk: bytes) -> None:
    facts = a_table().read(b"__Host-sidecar=" + junk)

    assert (facts.credential, facts.forged) == (None, True)


@given(st.binary(max_size=300))
def test_s54_whatever_the_cookie_says_it_is_never_genuine(raw: bytes) -> None:
    assert a_table().read(b"__Host-sidecar=" + raw).credential is None


def test_given_two_different_genuine_ones_then_neither_is_believed() -> None:
    raw = b"__Host-sidecar=" + a_token() + b"; __Host-sidecar=" + a_token(secret="t" * 43)

    assert a_table().read(raw) == (None, True, None)


def test_given_the_ring_changes_then_what_was_read_is_read_anew() -> None:
    rings = [{"a": KEY}]
    table = CookieTable(lambda: rings[-1], secure=True)
    raw = b"__Host-sidecar=" + a_token()
    assert table.read(raw).credential is not None

    rings.append({"b": KEY})
    assert table.read(raw).credential is None

    rings.append({"a": KEY, "b": KEY})
    assert table.read(raw).credential is not None


def test_given_plain_http_then_the_plain_name_is_read_and_only_that() -> None:
    table = CookieTable(lambda: {"a": KEY}, secure=False)

    assert table.name == "sidecar"
    assert table.read(b"sidecar=" + a_token()).credential is not None
    assert table.read(b"__Host-sidecar=" + a_token()) == (None, False, None)


def test_given_more_cookies_than_the_table_holds_then_each_is_still_read_right() -> None:
    table = a_table()
    for number in range(2500):
        raw = b"n=%d; __Host-sidecar=%b" % (number, a_token(secret=secrets.token_hex(22)[:43]))
        assert table.read(raw).rest == b"n=%d" % number

"""The upstream cannot touch our cookies, nor end a line for anybody (cases S-43, S-45, S-51)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.response_headers import ResponseFault, ResponseFields, is_reason, response_fields


def sort(*fields: tuple[bytes, bytes]) -> ResponseFields:
    sorted_fields = response_fields(fields)
    assert isinstance(sorted_fields, ResponseFields), sorted_fields
    return sorted_fields


def test_given_an_ordinary_answer_then_it_passes_byte_for_byte_and_in_order() -> None:
    fields = sort(
        (b"server", b"nginx"),
        (b"Date", b"today"),
        (b"Content-Type", b"text/html"),
        (b"X-Name", b"caf\xe9"),
        (b"Set-Cookie", b"a=1; Path=/"),
        (b"Set-Cookie", b"b=2"),
    )

    assert fields.block == (
        b"server: nginx\r\nDate: today\r\nContent-Type: text/html\r\nX-Name: caf\xe9\r\n"
        b"Set-Cookie: a=1; Path=/\r\nSet-Cookie: b=2\r\n"
    )
    assert fields.content_type == b"text/html"
    assert fields.own_cookies_dropped == 0


def test_given_an_answer_without_fields_then_the_block_is_empty() -> None:
    fields = sort()

    assert fields.block == b""
    assert (fields.content_length, fields.chunked) == (None, False)


def test_given_framing_then_it_is_handed_over_and_not_passed() -> None:
    assert sort((b"Content-Length", b"12")).content_length == 12
    assert sort((b"Transfer-Encoding", b"Chunked")).chunked
    assert sort((b"Content-Length", b"12"), (b"Connection", b"close")).block == b""


def test_given_hop_by_hop_fields_and_named_ones_then_they_go_no_further() -> None:
    fields = sort(
        (b"Connection", b"Close, X_Internal"),
        (b"X-Internal", b"1"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Upgrade", b"h2c"),
        (b"Trailer", b"X-T"),
        (b"X-Kept", b"1"),
    )

    assert fields.block == b"X-Kept: 1\r\n"


@pytest.mark.parametrize(
    "cookie",
    [
        b"__Host-sidecar=evil; Path=/; Secure",
        b"__host-SIDECAR=evil",
        b"  __Host-sidecar=evil",
        b"\t__Host-sidecar =evil",
        b"=__Host-sidecar=x",
        b" = __host-sidecar=x",
        b"__Host-sidecar",
        b"sidecar=evil; Domain=.parent.example",
        b"SIDECAR=evil",
        b"__Secure-sidecar=evil",
        b"__Host-Http-sidecar=evil",
        b"__Host-sidecar-state=evil",
        b"sidecar-anything=evil",
    ],
)
def test_s51_given_a_cookie_of_ours_in_any_disguise_then_it_goes_and_is_counted(
    cookie: bytes,
) -> None:
    fields = sort((b"set-Cookie", cookie), (b"Set-Cookie", b"mine=1"))

    assert fields.block == b"Set-Cookie: mine=1\r\n"
    assert fields.own_cookies_dropped == 1


@pytest.mark.parametrize("cookie", [b"sidecars=1", b"my-sidecar=1", b"a=__Host-sidecar=x", b"=a"])
def test_s51_given_a_cookie_that_only_looks_a_bit_like_ours_then_it_passes(cookie: bytes) -> None:
    assert sort((b"Set-Cookie", cookie)).block == b"Set-Cookie: " + cookie + b"\r\n"


def test_s51_given_a_name_that_the_caller_calls_ours_then_it_goes_too() -> None:
    fields = response_fields(((b"Set-Cookie", b"special=1"),), frozenset([b"special"]))

    assert isinstance(fields, ResponseFields)
    assert (fields.block, fields.own_cookies_dropped) == (b"", 1)


@pytest.mark.parametrize(
    ("value", "passed"),
    [
        (b'"cookies"', None),
        (b'"cache", "cookies"', b'"cache"'),
        (b'"Cookies" , "storage"', b'"storage"'),
        (b'"*"', b'"cache", "clientHints", "executionContexts", "storage"'),
        (b'"storage","cache"', b'"storage","cache"'),
    ],
)
def test_s51_given_clear_site_data_then_cookies_are_left_alone(
    value: bytes, passed: bytes | None
) -> None:
    fields = sort((b"Clear-Site-Data", value))

    assert fields.block == (b"Clear-Site-Data: " + passed + b"\r\n" if passed else b"")
    assert fields.own_cookies_dropped == (passed != value)


@pytest.mark.parametrize("byte", [*range(9), *range(10, 32), 127])
@pytest.mark.parametrize("name", [b"X-A", b"Set-Cookie"])
def test_s45_given_a_control_character_in_a_value_then_it_is_a_fault(
    name: bytes, byte: int
) -> None:
    value = b"a%cb" % byte

    assert response_fields(((name, value), (b"X-B", b"1"))) is ResponseFault.FIELD_VALUE


@pytest.mark.parametrize("name", [b"", b"X A", b"X:", b"X\xe9", b"X\n"])
def test_s45_given_a_name_that_is_no_token_then_it_is_a_fault(name: bytes) -> None:
    assert response_fields(((name, b"1"),)) is ResponseFault.FIELD_NAME


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ([(b"Content-Length", b"1"), (b"Content-Length", b"2")], ResponseFault.LENGTH),
        ([(b"Content-Length", b"1"), (b"Transfer-Encoding", b"chunked")], ResponseFault.LENGTH),
        ([(b"Content-Length", b"+1")], ResponseFault.LENGTH),
        ([(b"Content-Length", b"")], ResponseFault.LENGTH),
        ([(b"Transfer-Encoding", b"gzip, chunked")], ResponseFault.CODING),
    ],
)
def test_s43_given_framing_with_two_readings_then_it_is_a_fault(
    fields: list[tuple[bytes, bytes]], fault: ResponseFault
) -> None:
    assert response_fields(tuple(fields)) is fault


@given(st.lists(st.tuples(st.sampled_from([b"X-A", b"Set-Cookie", b"Vary"]), st.binary())))
def test_whatever_the_upstream_answers_every_line_of_the_block_is_one_field(
    fields: list[tuple[bytes, bytes]],
) -> None:
    result = response_fields(tuple(fields))

    if isinstance(result, ResponseFields):
        lines = result.block.split(b"\r\n")
        assert len(lines) == len(fields) - result.own_cookies_dropped + 1
        assert all(b": " in line for line in lines[:-1])


def test_given_more_names_than_the_table_holds_then_each_is_still_judged_right() -> None:
    assert all(
        sort((b"X-N%d" % n, b"1"), (b"TE", b"1")).block == b"X-N%d: 1\r\n" % n for n in range(3000)
    )


@pytest.mark.parametrize("text", ["OK", "", None, "tr\u00e8s bien", "caf\udce9", "a\tb"])
def test_given_an_ordinary_reason_then_it_passes(text: str | None) -> None:
    assert is_reason(text)


@pytest.mark.parametrize("text", ["O\0K", "O\rK", "O\nK", "\x1b[31m", "\x7f"])
def test_s45_given_a_control_character_in_the_reason_then_it_is_a_fault(text: str) -> None:
    assert not is_reason(text)

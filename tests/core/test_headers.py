"""Fields are sorted once, and no spelling of an identity header survives (cases S-01 to S-10)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.field_names import IDENTITY_NAMES, TOKEN, field_key, identity_names
from sidecar.core.headers import RequestHead, connection_tokens, forwardable
from sidecar.core.refusals import Refusal

HOST = (b"Host", b"app.example")

names = st.binary(min_size=1, max_size=40).map(
    lambda data: bytes(sorted(TOKEN)[byte % len(TOKEN)] for byte in data)
)
values = st.text(
    st.characters(min_codepoint=0x20, exclude_characters="\x7f", exclude_categories=["Cs"])
).map(lambda text: text.strip(" \t").encode())


def sort(*fields: tuple[bytes, bytes], identity: frozenset[bytes] = IDENTITY_NAMES) -> RequestHead:
    head = forwardable(fields, identity)
    assert isinstance(head, RequestHead), head
    return head


def refusal(*fields: tuple[bytes, bytes]) -> Refusal:
    head = forwardable(fields)
    assert isinstance(head, Refusal)
    return head


def test_given_ordinary_fields_then_they_are_kept_byte_for_byte_and_in_order() -> None:
    head = sort(HOST, (b"X-b", b"1"), (b"accept", b"*/*"), (b"X-a", b"caf\xc3\xa9"), (b"X-b", b""))

    assert head.block == b"X-b: 1\r\naccept: */*\r\nX-a: caf\xc3\xa9\r\nX-b: \r\n"


def test_given_nothing_but_a_host_then_the_block_is_empty() -> None:
    assert sort(HOST).block == b""


@pytest.mark.parametrize(
    "name",
    [
        b"X-Forwarded-User",
        b"X_Forwarded_User",
        b"x-forwarded_USER",
        b"X_FORWARDED-uSER",
        pytest.param(b"X.Forwarded.User", id="S-02 dots"),
        pytest.param(b"x.forwarded-groups", id="S-02 mixed"),
        b"X-Sidecar-Assertion",
        b"x_sidecar_anything",
        b"Forwarded",
        b"X-Real-IP",
        b"X_Original_URL",
        b"X-Rewrite-Url",
        b"X.Forwarded_For",
        b"Content_Length",
        b"Transfer.Encoding",
        b"Proxy",
    ],
)
def test_s01_given_any_spelling_of_a_name_of_ours_then_the_upstream_does_not_see_it(
    name: bytes,
) -> None:
    assert sort(HOST, (name, b"root"), (b"X-Other", b"1")).block == b"X-Other: 1\r\n"


@given(
    st.sampled_from(sorted(IDENTITY_NAMES)), st.lists(st.sampled_from("-_."), max_size=6), values
)
def test_s01_whatever_case_and_separators_an_identity_header_never_survives(
    name: bytes, separators: list[str], value: bytes
) -> None:
    spelt = name.decode()
    for separator in separators:
        spelt = spelt.replace("-", separator, 1).swapcase()

    assert sort(HOST, (spelt.encode(), value)).block == b""


def test_s04_given_a_configured_name_in_odd_spelling_then_it_is_compared_in_the_same_form() -> None:
    identity = identity_names(["X_Team", " x.PROJECT "])

    assert sort(HOST, (b"x-team", b"1"), (b"X_PROJECT", b"2"), identity=identity).block == b""


@pytest.mark.parametrize(
    "connection",
    [
        [b"close, x-secret"],
        [b"X-Secret"],
        [b"keep-alive", b"X_SECRET , close"],
        [b",,x-secret\t"],
    ],
)
def test_s05_given_connection_names_a_field_then_that_field_counts_as_not_sent(
    connection: list[bytes],
) -> None:
    head = sort(HOST, (b"X-Secret", b"1"), *((b"Connection", value) for value in connection))

    assert head.block == b""


def test_s05_given_connection_names_the_cookie_then_nobody_is_signed_in_by_it() -> None:
    assert sort(HOST, (b"Cookie", b"a=b"), (b"Connection", b"cookie")).cookie is None


def test_s05_given_connection_names_the_framing_then_the_framing_stands() -> None:
    head = sort(HOST, (b"Content-Length", b"3"), (b"Connection", b"content-length, host"))

    assert head.content_length == 3
    assert head.host == b"app.example"


@pytest.mark.parametrize(
    "name",
    [
        b"Keep-Alive",
        b"Proxy-Connection",
        b"TE",
        b"Trailer",
        b"HTTP2-Settings",
        b"Proxy-Authorization",
    ],
)
def test_given_a_hop_by_hop_field_then_it_goes_no_further(name: bytes) -> None:
    assert sort(HOST, (name, b"1")).block == b""


def test_s07_given_claims_of_a_proxy_then_they_are_handed_over_and_not_forwarded() -> None:
    head = sort(
        HOST,
        (b"X-Forwarded-For", b"1.1.1.1"),
        (b"x-forwarded-for", b"2.2.2.2"),
        (b"X-Forwarded-Proto", b"https"),
        (b"X-Forwarded-Host", b"a.example"),
        (b"X_Forwarded_Proto", b"http"),
    )

    assert head.forwarded_for == (b"1.1.1.1, 2.2.2.2",)
    assert (head.forwarded_proto, head.forwarded_host) == (b"https", b"a.example")
    assert head.block == b""


@pytest.mark.parametrize("value", [b"adm\xffin", b"caf\xe9", b"\xc0\xae", b"\xed\xa0\x80"])
@pytest.mark.parametrize("name", [b"X-Team", b"Cookie", b"Authorization", b"X-Forwarded-User"])
def test_s10_given_bytes_that_are_not_utf8_then_the_request_is_refused(
    name: bytes, value: bytes
) -> None:
    assert refusal(HOST, (name, value)) is Refusal.FIELD_ENCODING


def test_s10_given_two_halves_of_a_character_in_two_fields_then_the_request_is_refused() -> None:
    assert refusal(HOST, (b"X-A", b"a\xc3"), (b"X-B", b"\xa9")) is Refusal.FIELD_ENCODING


def test_s10_given_a_user_agent_that_is_not_utf8_then_it_is_cleaned_everywhere() -> None:
    head = sort(HOST, (b"user-agent", b"Opera\xff/9"))

    assert head.user_agent == b"Opera\xef\xbf\xbd/9"
    assert head.block == b"user-agent: Opera\xef\xbf\xbd/9\r\n"


@pytest.mark.parametrize("value", [b"a\r\nX-B: c", b"a\nb", b"a\rb", b"a\0b"])
@pytest.mark.parametrize("name", [b"X-A", b"Cookie", b"X-Forwarded-User"])
def test_s42_given_a_line_end_or_nul_in_a_value_then_the_request_is_refused(
    name: bytes, value: bytes
) -> None:
    assert refusal(HOST, (name, value)) is Refusal.FIELD_VALUE


@pytest.mark.parametrize("name", [b"", b"X A", b"X:A", b"X\xffA", b"X\r\nA"])
def test_s42_given_a_name_that_is_no_token_then_the_request_is_refused(name: bytes) -> None:
    assert refusal(HOST, (name, b"1")) is Refusal.FIELD_NAME


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ([HOST, (b"host", b"app.example")], Refusal.HOST_REPEATED),
        ([(b"Host", b"a b")], Refusal.HOST_INVALID),
        ([HOST, (b"Authorization", b"a"), (b"authorization", b"b")], Refusal.FIELD_REPEATED),
    ],
)
def test_s38_given_what_may_come_once_twice_or_odd_then_the_request_is_refused(
    fields: list[tuple[bytes, bytes]], expected: Refusal
) -> None:
    assert refusal(*fields) is expected


@pytest.mark.parametrize("lengths", [[b"1", b"1"], [b"+1"], [b"1, 1"], [b""], [b"1" * 23], [b"-1"]])
def test_s27_given_an_odd_content_length_then_the_request_is_refused(lengths: list[bytes]) -> None:
    fields = [(b"Content-Length", length) for length in lengths]

    assert refusal(HOST, *fields) is Refusal.LENGTH_INVALID


def test_s49_given_two_cookie_lines_then_they_are_read_as_one() -> None:
    assert sort(HOST, (b"Cookie", b"a=1"), (b"cookie", b"b=2")).cookie == b"a=1; b=2"


@pytest.mark.parametrize(
    ("connection", "upgrade", "expected"),
    [
        (b"Upgrade", b"websocket", True),
        (b"keep-alive, upgrade", b"WebSocket", True),
        (b"Upgrade, HTTP2-Settings", b"h2c", False),
        (b"close", b"websocket", False),
        (b"Upgrade", b"websocket, h2c", False),
    ],
)
def test_s36_only_websocket_is_an_upgrade_and_no_upgrade_is_passed_on(
    connection: bytes, upgrade: bytes, expected: bool
) -> None:
    head = sort(HOST, (b"Connection", connection), (b"Upgrade", upgrade), (b"HTTP2-Settings", b"A"))

    assert head.websocket is expected
    assert head.block == b""


def test_given_more_names_than_a_table_holds_then_each_is_still_judged_right() -> None:
    for number in range(5000):
        head = sort(HOST, (b"X-N%d" % number, b"1"), (b"X_Forwarded_User", b"root"))
        assert head.block == b"X-N%d: 1\r\n" % number


@given(st.lists(st.tuples(names, values), max_size=12))
def test_whatever_arrives_the_block_holds_only_lines_that_arrived_in_order(
    fields: list[tuple[bytes, bytes]],
) -> None:
    head = forwardable(tuple(fields))

    if isinstance(head, RequestHead):
        lines = head.block.split(b"\r\n")[:-1]
        arrived = iter([name + b": " + value for name, value in fields])
        assert all(line in arrived for line in lines)
        assert not any(field_key(line.partition(b":")[0]) in IDENTITY_NAMES for line in lines)


def test_given_a_connection_field_then_its_tokens_are_compared_in_one_form() -> None:
    assert connection_tokens(b" Keep-Alive,X_A , ") == {b"keep-alive", b"x-a"}

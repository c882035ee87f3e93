"""A target has one reading, which is decided on and forwarded (cases S-14 to S-20)."""

from urllib.parse import unquote_to_bytes

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.paths import Target, canonical_target
from sidecar.core.refusals import Refusal


@pytest.mark.parametrize(
    ("raw", "path", "forward"),
    [
        ("/", "/", b"/"),
        ("/a/b.html", "/a/b.html", b"/a/b.html"),
        ("/a/", "/a/", b"/a/"),
        ("/.well-known/x", "/.well-known/x", b"/.well-known/x"),
        ("/.../..a/b..", "/.../..a/b..", b"/.../..a/b.."),
        ("/%61dmin/%7euser", "/admin/~user", b"/admin/~user"),
        ("/caf%c3%a9", "/caf%C3%A9", b"/caf%C3%A9"),
        ("/caf\u00e9", "/caf%C3%A9", b"/caf%C3%A9"),
        ("/a%20b", "/a%20b", b"/a%20b"),
        ("/run%3Aexport", "/run:export", b"/run%3Aexport"),
        ("/a{b}|%22", '/a{b}|"', b"/a%7Bb%7D%7C%22"),
        ("/admin;x=1/users;y", "/admin/users", b"/admin;x=1/users;y"),
        ("/a%3Bb", "/a%3Bb", b"/a%3Bb"),
    ],
)
def test_given_a_path_then_it_has_one_spelling(raw: str, path: str, forward: bytes) -> None:
    assert canonical_target(raw) == Target(path, None, forward)


def test_s14_given_a_query_then_it_is_no_part_of_the_path_and_passes_as_it_is() -> None:
    target = canonical_target("/api/private?x=/status&y=%2e%2E//;%zz?")

    assert target == Target(
        "/api/private", b"x=/status&y=%2e%2E//;%zz?", b"/api/private?x=/status&y=%2e%2E//;%zz?"
    )


def test_given_an_empty_query_then_the_mark_is_kept() -> None:
    assert canonical_target("/a?") == Target("/a", b"", b"/a?")


@pytest.mark.parametrize("raw", ["/secret#/public", "/#", "/a?b#c"])
def test_s15_given_a_fragment_then_it_is_refused(raw: str) -> None:
    assert canonical_target(raw) is Refusal.TARGET_FRAGMENT


def test_s15_given_an_encoded_number_sign_then_it_is_data() -> None:
    assert canonical_target("/secret%23/x") == Target("/secret%23/x", None, b"/secret%23/x")


@pytest.mark.parametrize(
    "raw",
    [
        "/public/../admin", "/..", "/.", "/./a", "/a/.", "/a/..", "/%2e%2e/a", "/a/.%2e/b", "/%2E/",
        "/public/..;/admin", "/public/..;x=1/admin", "/..%3b/admin", "/.%2e%3Bx/admin", "/a;b/../c",
        "/%2e%2e;x", "/.;/a",
    ],
)  # fmt: skip
def test_s16_given_dot_segments_in_any_disguise_then_it_is_refused(raw: str) -> None:
    assert canonical_target(raw) is Refusal.TARGET_DOTS


@pytest.mark.parametrize(
    "raw",
    ["/a%2fb", "/a%2F..%2fb", "/a%5cb", "/a\\b", "/a%5C..", "//admin", "/a//b", "//", "/;/admin"],
)
def test_s17_given_a_hidden_or_empty_separator_then_it_is_refused(raw: str) -> None:
    assert canonical_target(raw) is Refusal.TARGET_SEPARATOR


@pytest.mark.parametrize("raw", ["/%252e%252e/a", "/%252f", "/%25zz"])
def test_s17_given_a_double_encoding_then_it_is_never_decoded_twice(raw: str) -> None:
    assert canonical_target(raw) == Target(raw, None, raw.encode())


@pytest.mark.parametrize(
    "raw",
    [
        "/%", "/%z", "/%zz", "/%4", "/a%g0", "/%%34", "/%c0%ae", "/%c0%af", "/%e9", "/%ed%a0%80",
        "/%f5%80%80%80", b"/\xe9", b"/\xc3", "/a?b=\udce9",
    ],
)  # fmt: skip
def test_s17_given_what_does_not_decode_then_it_is_refused(raw: str | bytes) -> None:
    assert canonical_target(raw) is Refusal.TARGET_ENCODING


@pytest.mark.parametrize(
    "raw",
    ["/%00", "/a%0d%0ab", "/%7f", "/a\x01", "/a b", "/a\tb", "/a?b c", "/a?\x7f", "/a?b\r\nc"],
)
def test_s17_given_control_characters_or_spaces_then_it_is_refused(raw: str) -> None:
    assert canonical_target(raw) is Refusal.TARGET_CHARACTER


@pytest.mark.parametrize("raw", ["", "admin", "*", "app:80", "%2fadmin", "?a"])
def test_s19_given_what_is_no_path_then_it_is_refused(raw: str) -> None:
    assert canonical_target(raw) is Refusal.TARGET_FORM


@pytest.mark.parametrize("raw", ["https://evil/x", "http://app/", "HTTP://app"])
def test_s20_given_an_absolute_target_then_it_is_refused(raw: str) -> None:
    assert canonical_target(raw) is Refusal.TARGET_FORM


def test_s41_given_a_target_that_is_too_long_then_it_is_refused() -> None:
    assert canonical_target("/" + "a" * 9000) is Refusal.TARGET_TOO_LONG


octets = st.one_of(
    st.binary(min_size=1, max_size=1),
    st.binary(min_size=1, max_size=1).map(lambda octet: b"%%%02x" % octet[0]),
    st.sampled_from([b"/", b".", b"..", b";", b"%2e", b"%2E", b"%3b", b"%25", b"%2f", b"a", b"?"]),
)
targets = st.lists(octets, max_size=12).map(lambda parts: b"/" + b"".join(parts))


@given(targets)
def test_whatever_is_accepted_the_forwarded_target_has_the_same_reading(raw: bytes) -> None:
    target = canonical_target(raw)

    if isinstance(target, Target):
        assert canonical_target(target.forward) == target
        assert target.forward.isascii() or target.query is not None


@given(targets)
def test_whatever_is_accepted_the_upstream_decodes_the_path_that_arrived(raw: bytes) -> None:
    target = canonical_target(raw)

    if isinstance(target, Target):
        sent, arrived = target.forward.partition(b"?")[0], raw.partition(b"?")[0]
        assert unquote_to_bytes(sent) == unquote_to_bytes(arrived)


@given(targets)
def test_whatever_is_accepted_no_decoding_of_it_leaves_its_folder(raw: bytes) -> None:
    target = canonical_target(raw)

    if isinstance(target, Target):
        decoded = unquote_to_bytes(target.forward.partition(b"?")[0])
        segments = [segment.partition(b";")[0] for segment in decoded.split(b"/")[1:]]
        assert b".." not in segments
        assert b"." not in segments
        assert b"\\" not in decoded
        assert decoded.count(b"/") == target.path.count("/")


def test_text_and_bytes_have_one_reading() -> None:
    assert canonical_target(b"/caf\xc3\xa9") == canonical_target("/caf\u00e9")


def test_given_more_targets_than_the_table_holds_then_each_is_still_read_right() -> None:
    assert all(
        canonical_target(f"/n%2D{n}") == Target(f"/n-{n}", None, b"/n-%d" % n) for n in range(3000)
    )

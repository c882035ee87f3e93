import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.entity_tags import asked, dated, marked

MARK = b"0123abcd"
OPAQUE = st.binary(max_size=20).map(
    lambda data: bytes(byte for byte in data if byte > 0x20 and byte not in (0x22, 0x7F))
)


@pytest.mark.parametrize(
    ("tag", "changed"),
    [
        (b'"abc"', b'W/"abc;s-live-0123abcd"'),
        (b'W/"abc"', b'W/"abc;w-live-0123abcd"'),
        (b'""', b'W/";s-live-0123abcd"'),
        (b"abc", b"abc"),
        (b'"abc', b'"abc'),
        (b'w/"abc"', b'w/"abc"'),
    ],
)
def test_given_a_tag_of_a_changed_page_then_it_is_weak_and_marked(
    tag: bytes, changed: bytes
) -> None:
    assert marked(tag, MARK) == changed


@given(OPAQUE, st.booleans())
def test_given_a_copy_with_the_mark_then_the_application_is_asked_with_its_own_tag(
    opaque: bytes, weak: bool
) -> None:
    tag = (b"W/" if weak else b"") + b'"%b"' % opaque

    assert asked(marked(tag, MARK), MARK) == (tag, True)


@pytest.mark.parametrize(
    "tags", [b'"abc"', b'W/"abc"', b"*", b"", b'"a;s-live-other000"', b'";s-live-"', b"live"]
)
def test_given_a_copy_without_the_mark_then_it_is_not_asked_for(tags: bytes) -> None:
    assert asked(tags, MARK) == (None, False)


def test_given_several_copies_then_those_with_the_mark_are_asked_for() -> None:
    tags = b'"old", W/"a,b;s-live-0123abcd","c;w-live-0123abcd" , W/"d;s-live-ffffffff"'

    assert asked(tags, MARK) == (b'"a,b", W/"c"', True)


def test_given_a_page_with_a_date_only_then_its_copy_is_known_and_the_date_does_the_asking() -> (
    None
):
    tag = dated(b"Sat, 21 Nov 2026 06:57:10 GMT", MARK)

    assert tag == b'W/"Sat,21Nov202606:57:10GMT;d-live-0123abcd"'
    assert asked(tag, MARK) == (None, True)

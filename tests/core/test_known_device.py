from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.known_device import MOST_IDS, marks_of, read_device_ids, write_device_ids
from sidecar.core.session import Device

ONE, TWO = "a" * 22, "b" * 22
FIREFOX = Device("Firefox on Linux", "Firefox", "Linux", "desktop")
CURL = Device("curl", "", "", "unknown")


def test_given_ids_then_the_cookie_holds_the_newest_and_says_them_again() -> None:
    ids = tuple(letter * 22 for letter in "abcdefg")

    value = write_device_ids(ids)

    assert read_device_ids(value.encode()) == ids[:MOST_IDS]


def test_given_what_we_never_wrote_then_it_says_nothing() -> None:
    for value in (None, b"", b"a" * 21, b"a" * 23, ONE.encode() + b".", b".".join([b"a" * 22] * 6)):
        assert read_device_ids(value) == ()
    assert read_device_ids(("\N{ARABIC-INDIC DIGIT ONE}" * 22).encode()) == ()


@given(st.binary(max_size=300))
def test_given_any_bytes_then_they_are_read_without_a_fault(value: bytes) -> None:
    assert len(read_device_ids(value)) <= MOST_IDS


def test_given_a_browser_then_its_ids_count_and_its_name_does_not() -> None:
    marks = marks_of(FIREFOX, (ONE, TWO), "fresh")

    assert len(marks.known) == 2
    assert marks.fresh == marks_of(FIREFOX, ("fresh",), "").known[0]
    assert marks.known == marks_of(Device(), (ONE, TWO), "").known[1:]
    assert marks_of(FIREFOX, (), "fresh").known == ()


def test_given_a_program_without_cookies_then_it_is_known_by_its_name() -> None:
    marks = marks_of(CURL, (), "fresh")

    assert marks.known == (marks.fresh,)
    assert marks == marks_of(CURL, (), "another")
    assert marks.fresh != marks_of(Device("wget"), (), "fresh").fresh


def test_given_an_id_then_its_mark_does_not_hold_it() -> None:
    marks = marks_of(FIREFOX, (ONE,), TWO)

    assert ONE not in str(marks)
    assert TWO not in str(marks)
    assert {len(mark) for mark in (*marks.known, marks.fresh)} == {16}

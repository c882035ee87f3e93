import re

from sidecar.login.recovery import digest_of, new_codes


def test_given_new_codes_then_there_are_ten_of_eighty_bits_each():
    codes = new_codes()

    assert len(set(codes)) == 10
    assert all(re.fullmatch(r"[a-z2-7]{4}(-[a-z2-7]{4}){3}", code) for code in codes)


def test_given_a_code_however_it_is_typed_then_it_is_the_same_one():
    typed = (
        "abcd-olb2-3456-wxyz",
        " ABCD OLB2 3456 WXYZ",
        "abcdolb23456wxyz",
        "abcd-0182-3456-wxyz",
    )

    assert len({digest_of(one) for one in typed[:3]}) == 1
    assert digest_of("abcd-olbb-3456-wxyz") == digest_of("abcd-01b8-3456-wxyz")


def test_given_text_that_no_code_is_then_it_has_a_digest_all_the_same():
    assert digest_of("\ud800") != digest_of("")
    assert digest_of(new_codes()[0]) != digest_of(new_codes()[0])

"""Plain values: from TOML with their type, from a variable as text."""

from datetime import timedelta

import pytest

from sidecar import values


def test_given_texts_of_variables_when_they_are_read_then_they_are_what_toml_would_say() -> None:
    assert values.whole("8", least=1, most=9) == values.whole(8, least=1, most=9) == 8
    assert values.switch("true") is values.switch(True) is True
    assert values.size("32KiB", least=1, most=1 << 20) == 32768
    assert values.size(512, least=1, most=1 << 20) == values.size("512", least=1, most=1 << 20)
    assert values.span("2m", least=timedelta()) == timedelta(minutes=2)
    assert values.texts(["a", "b"]) == ("a", "b")


@pytest.mark.parametrize("value", [0, 10, True, 1.0, "1.0", "x", "", "-1", None, [1]])
def test_given_no_whole_number_in_range_when_it_is_read_then_the_range_is_named(
    value: object,
) -> None:
    with pytest.raises(ValueError, match="a whole number from 1 to 9"):
        values.whole(value, least=1, most=9)


@pytest.mark.parametrize("value", ["yes", 1, 0, "True", "", None])
def test_given_no_switch_when_it_is_read_then_true_and_false_are_named(value: object) -> None:
    with pytest.raises(ValueError, match="must be true or false"):
        values.switch(value)


@pytest.mark.parametrize("value", ["2GiB", "1.5KiB", "KiB", True, -1, "32kb", None])
def test_given_no_size_in_range_when_it_is_read_then_the_form_is_named(value: object) -> None:
    with pytest.raises(ValueError, match="a size such as"):
        values.size(value, least=1, most=1 << 30)


@pytest.mark.parametrize("value", [5, "5", "0s", None])
def test_given_no_span_over_the_least_when_it_is_read_then_the_form_is_named(value: object) -> None:
    with pytest.raises(ValueError, match="a span such as"):
        values.span(value, least=timedelta(milliseconds=1))


@pytest.mark.parametrize("value", ["a", ["a", ""], [1], None, {}])
def test_given_no_list_of_texts_when_it_is_read_then_the_form_is_named(value: object) -> None:
    with pytest.raises(ValueError, match="a list of texts"):
        values.texts(value)


@pytest.mark.parametrize(("written", "read"), [(0, 0.0), ("0.25", 0.25), (1, 1.0), ("1e-05", 1e-5)])
def test_given_a_share_when_it_is_read_then_it_is_the_number(written: object, read: float) -> None:
    assert values.ratio(written) == read


@pytest.mark.parametrize("value", [-0.1, 1.1, True, "half", "", "1.2.3", None, "nan"])
def test_given_no_share_when_it_is_read_then_the_bounds_are_named(value: object) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        values.ratio(value)

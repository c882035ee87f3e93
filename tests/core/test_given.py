import msgspec
import pytest

from sidecar.core.given import Given, NewPassword, Paged


class Chosen(Given, frozen=True):
    new: NewPassword


def test_given_a_body_with_a_secret_when_it_is_written_out_then_nothing_of_it_is_there() -> None:
    body = Chosen(new="a lantern over the harbour")

    assert repr(body) == "Chosen(…)"


@pytest.mark.parametrize("body", [b'{"new": ""}', b'{"new": 7}', b'{"new": "x", "now": true}'])
def test_given_what_is_empty_or_unknown_then_it_is_refused(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(body, type=Chosen)


def test_given_no_words_on_pages_then_a_list_begins_with_the_first_fifty() -> None:
    assert (Paged().limit, Paged().offset) == (50, 0)

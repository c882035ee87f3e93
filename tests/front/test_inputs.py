import msgspec
import pytest

from sidecar.front.inputs import Refused, SignInInput, check_handle, check_password_size
from tests.house import PASSWORD


def test_s_89_given_credentials_then_their_repr_shows_no_password() -> None:
    given = msgspec.json.decode(
        f'{{"username": "alice", "password": "{PASSWORD}", "later": 1}}', type=SignInInput
    )

    assert given.password == PASSWORD
    assert repr(given) == "SignInInput(…)"


def test_given_camel_case_then_the_members_are_read() -> None:
    given = msgspec.json.decode(
        '{"username": "a", "password": "b", "returnTo": "/x", "endSession": null}',
        type=SignInInput,
    )

    assert given.return_to == "/x"
    assert given.end_session is None


def test_s_79_given_a_password_that_none_can_be_then_413() -> None:
    check_password_size("x" * 1024)

    with pytest.raises(Refused) as refused:
        check_password_size("x" * 1025)

    assert refused.value.what.status == 413


@pytest.mark.parametrize("value", ["", "x", "../x", "h" * 31, "h" * 29 + "*"])
def test_given_what_is_no_id_then_400_names_the_member(value: str) -> None:
    with pytest.raises(Refused) as refused:
        check_handle(value, "endSession")

    assert refused.value.what.errors[0].field == "endSession"


def test_given_an_id_or_none_then_it_is_taken() -> None:
    check_handle("h" * 30, "endSession")
    check_handle(None, "endSession")

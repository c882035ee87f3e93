import pytest

from sidecar.core.reasons import Ended
from sidecar.core.verdict import Missing, SignIn


@pytest.mark.parametrize("because", [*Missing, *Ended])
def test_given_any_reason_to_sign_in_then_it_has_a_code_for_the_client(
    because: Missing | Ended,
) -> None:
    assert SignIn(because).because.code.startswith("session_")


def test_given_no_session_then_the_code_says_whether_there_was_a_cookie() -> None:
    assert Missing.SESSION_MISSING.code == "session_missing"
    assert Missing.SESSION_INVALID.code == "session_invalid"

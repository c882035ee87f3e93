from dataclasses import FrozenInstanceError

import pytest

from sidecar.core.policy import DEFAULT_ROUTE
from sidecar.core.reasons import Ended
from sidecar.core.verdict import Allow, Missing, RequestFacts, SignIn, Unavailable, Verdict


def test_given_no_session_of_ours_when_sign_in_is_asked_then_the_code_says_why() -> None:
    codes = {missing: SignIn(missing).because.code for missing in Missing}

    assert codes == {
        Missing.SESSION_MISSING: "session_missing",
        Missing.SESSION_INVALID: "session_invalid",
    }


@pytest.mark.parametrize("reason", Ended)
def test_given_an_ended_session_when_sign_in_is_asked_then_the_code_is_that_of_its_end(
    reason: Ended,
) -> None:
    assert SignIn(reason).because.code == reason.code


def test_given_the_codes_of_a_401_when_they_are_compared_then_missing_and_ended_never_meet() -> (
    None
):
    assert not {missing.code for missing in Missing} & {reason.code for reason in Ended}


def test_given_a_silent_store_when_the_verdict_is_compared_then_it_is_no_sign_in() -> None:
    verdicts: list[Verdict] = [SignIn(because) for because in (*Missing, *Ended)]

    assert Unavailable() not in verdicts
    assert Unavailable() == Unavailable()


def test_given_a_public_route_when_it_is_allowed_then_there_may_be_no_session() -> None:
    route, session = Allow(DEFAULT_ROUTE, None)

    assert route is DEFAULT_ROUTE
    assert session is None


def test_given_a_request_without_a_cookie_when_nothing_is_said_then_it_is_not_forged() -> None:
    facts = RequestFacts("GET", "app.example", "/", None)

    assert not facts.forged


def test_given_a_verdict_when_somebody_would_change_it_then_it_is_frozen() -> None:
    verdict = SignIn(Ended.REVOKED)

    with pytest.raises(FrozenInstanceError):
        verdict.because = Ended.SIGNED_OUT  # type: ignore[misc]  # that is what is tried

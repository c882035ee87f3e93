import pytest

from sidecar.proxy.client_side import Failure


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (Failure.UNREACHABLE, 502, "upstream_unreachable"),
        (Failure.BAD_RESPONSE, 502, "upstream_bad_response"),
        (Failure.CLOSED, 502, "upstream_closed"),
        (Failure.CONNECT_TIMEOUT, 504, "upstream_timeout"),
        (Failure.RESPONSE_TIMEOUT, 504, "upstream_timeout"),
        (Failure.EXHAUSTED, 503, "upstream_busy"),
    ],
)
def test_given_a_failure_when_it_is_asked_then_it_says_what_the_client_gets(
    failure: Failure, status: int, code: str
):
    assert (failure.status, failure.code) == (status, code)
    assert failure.detail.endswith(".")

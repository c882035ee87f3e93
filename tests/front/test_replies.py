import pytest
from aiohttp.test_utils import make_mocked_request

from sidecar.core.reasons import Ended
from sidecar.core.verdict import Missing
from sidecar.front.replies import language_asked_of, sign_in_problem, wants_page


@pytest.mark.parametrize(
    ("method", "headers", "page"),
    [
        ("GET", {"Sec-Fetch-Mode": "navigate"}, True),
        ("POST", {"Sec-Fetch-Mode": "navigate"}, True),
        ("GET", {"Sec-Fetch-Mode": "cors", "Accept": "text/html"}, False),
        ("GET", {"Accept": "text/html,*/*;q=0.8"}, True),
        ("GET", {"Accept": "*/*"}, False),
        ("POST", {"Accept": "text/html"}, False),
        ("GET", {}, False),
    ],
)
def test_given_how_a_request_was_made_then_only_navigations_get_pages(
    method: str, headers: dict[str, str], page: bool
) -> None:
    assert wants_page(make_mocked_request(method, "/", headers=headers)) is page


@pytest.mark.parametrize("because", [*Ended, *Missing])
def test_given_why_a_session_is_not_there_then_the_401_names_it_and_the_challenge(
    because: Ended | Missing,
) -> None:
    what = sign_in_problem(because)

    assert what.status == 401
    assert what.code == because.code
    assert what.headers == {"WWW-Authenticate": "Session"}


def test_given_no_language_then_none_was_asked_for() -> None:
    assert language_asked_of(make_mocked_request("GET", "/")) == ""

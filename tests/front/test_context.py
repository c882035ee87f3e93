import asyncio

import pytest
from aiohttp.test_utils import make_mocked_request

from sidecar.front.context import CONTEXT, RequestContext, context_of, is_active


class _Transport(asyncio.Transport):
    def __init__(self, context: object) -> None:
        self._known = {CONTEXT: context}
        super().__init__(self._known)

    def leave(self) -> None:
        self._known.clear()


def test_given_a_request_from_the_front_then_its_context_is_found() -> None:
    context = RequestContext("203.0.113.9", "r-1")

    request = make_mocked_request("GET", "/", transport=_Transport(context))

    assert context_of(request) is context


def test_given_a_request_from_elsewhere_then_nothing_is_believed() -> None:
    request = make_mocked_request(
        "GET", "/", headers={"sidecar": "203.0.113.9"}, transport=_Transport(None)
    )

    with pytest.raises(RuntimeError):
        context_of(request)


@pytest.mark.parametrize(
    ("method", "headers", "active"),
    [
        ("POST", {}, True),
        ("DELETE", {}, True),
        ("GET", {"X-Sidecar-Active": "1"}, True),
        ("GET", {}, False),
        ("HEAD", {}, False),
        ("GET", {"X-Sidecar-Active": "0"}, False),
    ],
)
def test_given_a_request_of_a_page_then_only_what_a_person_does_is_activity(
    method: str, headers: dict[str, str], active: bool
) -> None:
    context = RequestContext("203.0.113.9", "r-1")

    request = make_mocked_request(method, "/", headers=headers, transport=_Transport(context))

    assert is_active(request) is active


def test_given_a_client_that_left_then_its_request_still_knows_its_context() -> None:
    context = RequestContext("203.0.113.9", "r-1")
    transport = _Transport(context)
    request = make_mocked_request("GET", "/", transport=transport)

    context_of(request)
    transport.leave()

    assert context_of(request) is context

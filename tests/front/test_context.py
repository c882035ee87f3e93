import asyncio

import pytest
from aiohttp.test_utils import make_mocked_request

from sidecar.front.context import CONTEXT, RequestContext, context_of


class _Transport(asyncio.Transport):
    def __init__(self, context: object) -> None:
        super().__init__({CONTEXT: context})


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

import logging

import pytest

from sidecar.observe.metrics import Metrics
from sidecar.proxy.own_cookies import OwnCookieReport
from tests.plane import a_plane
from tests.wires import a_request, an_upstream, playing


def test_s51_given_many_attempts_when_time_passes_then_all_count_and_the_log_says_it_now_and_then(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    caplog.set_level(logging.WARNING)
    instants = iter((1_000.0, 1_003.0, 1_009.0, 1_010.0))
    monkeypatch.setattr("sidecar.proxy.own_cookies.monotonic", lambda: next(instants))
    metrics = Metrics.alone()
    report = OwnCookieReport(metrics.own_cookies_dropped)

    for count in (1, 2, 1, 1):
        report(count)

    assert metrics.own_cookies_dropped.value() == 5
    assert [(one.message, vars(one)["count"]) for one in caplog.records] == [
        ("own_cookies_dropped", 1),
        ("own_cookies_dropped", 4),
    ]


async def test_s51_given_an_upstream_that_sets_our_cookie_when_it_answers_then_that_is_counted(
    redis_url: str,
):
    answer = (
        b"HTTP/1.1 200 OK\r\nSet-Cookie: __Host-sidecar=evil\r\nSet-Cookie: theirs=1\r\n"
        b"Content-Length: 2\r\n\r\nok"
    )
    async with an_upstream(playing(answer)) as upstream, a_plane(redis_url, upstream) as plane:
        client = await plane.client()
        for _ in range(2):
            await client.send(a_request("/pub/x"))
            assert (await client.answer()).fields["set-cookie"] == "theirs=1"

        assert plane.metrics.own_cookies_dropped.value() == 2

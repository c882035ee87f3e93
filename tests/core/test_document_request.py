import pytest

from sidecar.core.document_request import asked_for, is_document, may_be_document, narrowed
from sidecar.core.headers import RequestHead, forwardable
from sidecar.core.live_script import LiveScript

HTML = "Accept: text/html,application/xhtml+xml;q=0.9"
MARK = LiveScript("/_sidecar").mark


def head(*lines: str) -> RequestHead:
    pairs = (line.partition(": ") for line in lines)
    sorted_head = forwardable(tuple((name.encode(), value.encode()) for name, _, value in pairs))
    assert isinstance(sorted_head, RequestHead)
    return sorted_head


def looked_at(method: str, navigation: bool, *lines: str) -> bool:
    request = head(*lines)
    return may_be_document(method, request, navigation=navigation) and is_document(method, request)


@pytest.mark.parametrize(
    ("method", "lines"),
    [
        ("GET", ["Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate"]),
        ("POST", ["Sec-Fetch-Dest: document", "Sec-Fetch-Mode: navigate"]),
        ("GET", ["sec-fetch-dest: document", "sec-fetch-mode: navigate", "Accept: */*"]),
        ("GET", ["Sec-Fetch-Dest: document", "Sec-Purpose: prefetch;prerender"]),
        ("GET", [HTML]),
        ("GET", ["accept: TEXT/HTML"]),
    ],
)
def test_given_a_tab_that_goes_to_a_page_then_it_is_a_document(
    method: str, lines: list[str]
) -> None:
    assert looked_at(method, True, *lines)


@pytest.mark.parametrize("purpose", ["Sec-Purpose: prefetch", "Purpose: prefetch"])
def test_given_a_page_that_is_fetched_ahead_of_a_click_then_it_is_a_document(purpose: str) -> None:
    assert looked_at("GET", False, "Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: no-cors", purpose)


@pytest.mark.parametrize(
    ("method", "lines"),
    [
        ("HEAD", ["Sec-Fetch-Dest: document"]),
        ("POST", [HTML]),
        ("PUT", ["Sec-Fetch-Dest: document"]),
        ("GET", ["Accept: */*"]),
        ("GET", []),
        ("GET", ["Accept: application/json"]),
        *(("GET", [HTML, f"Sec-Fetch-Dest: {dest}"]) for dest in
          ("iframe", "frame", "embed", "object", "empty", "script", "image", "fencedframe", "")),
        *(("GET", [HTML, marker]) for marker in
          ("X-Requested-With: XMLHttpRequest", "HX-Request: true", "Turbo-Frame: menu",
           "X-PJAX: true", "x-up-target: .main", "X-Inertia: true")),
        ("GET", ["Sec-Fetch-Dest: document", "HX-Request: true"]),
        ("GET", [HTML, "Upgrade: websocket", "Connection: Upgrade"]),
        ("GET", ["Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "X-Sec-Purpose: prefetch"]),
        ("GET", ["Sec-Fetch-Dest: empty", "Sec-Fetch-Mode: cors", "Sec-Purpose: prefetch"]),
        ("GET", ["Sec-Fetch-Dest: script", "Sec-Fetch-Mode: no-cors", "Sec-Purpose: prefetch"]),
    ],
)  # fmt: skip
def test_given_what_does_not_fill_a_tab_then_it_is_no_document(
    method: str, lines: list[str]
) -> None:
    assert not looked_at(method, True, *lines)


def test_given_a_request_that_goes_nowhere_then_it_is_not_looked_at() -> None:
    request = head("Accept: */*", "Cookie: prefetch=1", "User-Agent: wrk")

    assert not may_be_document("GET", request, navigation=False)
    assert not may_be_document("HEAD", request, navigation=True)


@pytest.mark.parametrize(
    ("accepted", "asked"),
    [
        (b"gzip, deflate, br, zstd", b"gzip"),
        (b"br;q=1.0, GZIP;q=0.1", b"gzip"),
        (b"x-gzip", b"gzip"),
        (b"*", b"gzip"),
        (b"br", b"identity"),
        (b"gzip;q=0, br", b"identity"),
        (b"gzip; q=0.000", b"identity"),
        (b"gzip;q=0.001", b"gzip"),
        (b"identity", b"identity"),
        (b"", b"identity"),
        (b"gzippy", b"identity"),
    ],
)
def test_given_codings_that_the_browser_reads_then_only_those_we_read_are_asked_for(
    accepted: bytes, asked: bytes
) -> None:
    assert narrowed(accepted) == asked


def test_given_a_page_then_its_fields_pass_but_for_coding_and_conditions() -> None:
    raw = (
        (b"Host", b"app.example"),
        (b"accept-encoding", b"gzip, br"),
        (b"IF-NONE-MATCH", b'"abc"'),
        (b"if-modified-since", b"today"),
        (b"X-Own", b"1"),
    )

    assert asked_for(raw, MARK) == (
        ((b"Host", b"app.example"), (b"accept-encoding", b"gzip"), (b"X-Own", b"1")),
        False,
    )


def test_given_a_copy_with_the_script_then_it_is_asked_for_as_the_application_knows_it() -> None:
    raw = (
        (b"If-None-Match", b'W/"abc;s-live-%b"' % MARK),
        (b"If-Modified-Since", b"today"),
    )

    fields, known = asked_for(raw, MARK)

    assert known
    assert fields == ((b"If-Modified-Since", b"today"), (b"If-None-Match", b'"abc"'))


def test_given_a_copy_with_a_date_only_then_it_is_asked_for_by_that() -> None:
    raw = (
        (b"If-None-Match", b'W/"today;d-live-%b"' % MARK),
        (b"If-Modified-Since", b"today"),
    )

    assert asked_for(raw, MARK) == (((b"If-Modified-Since", b"today"),), True)


def test_given_a_client_that_names_no_codings_then_none_is_asked_for() -> None:
    assert asked_for(((b"Accept", b"text/html"),), MARK) == (((b"Accept", b"text/html"),), False)

import pytest

from sidecar.core.document_answer import Page, PageScript, RawHeaders, confirmed, page_of
from sidecar.core.live_script import LiveScript

LIVE = LiveScript("/_sidecar")
SCRIPT = PageScript(LIVE, ("https://app.example",), False, lambda: "bmV3")
HTML = (b"Content-Type", b"text/html; charset=utf-8")
NO_PARTS = (b"Accept-Ranges", b"none")
PRIVATE = (b"Cache-Control", b"private")


def changed(*fields: tuple[bytes, bytes], status: int = 200) -> Page:
    page = page_of(status, fields, SCRIPT)
    assert page is not None
    return page


@pytest.mark.parametrize("status", [200, 201, 203, 400, 401, 403, 404, 410, 500, 503])
def test_given_a_page_of_any_status_with_a_body_then_it_changes(status: int) -> None:
    assert changed(HTML, status=status) == Page(
        False, "utf-8", LIVE.tag(None), (HTML, PRIVATE, NO_PARTS)
    )


@pytest.mark.parametrize("status", [101, 204, 205, 206, 301, 302, 304, 308])
def test_given_a_status_without_a_page_then_it_is_left_alone(status: int) -> None:
    assert page_of(status, (HTML,), SCRIPT) is None


@pytest.mark.parametrize(
    ("kind", "charset"),
    [
        (b"text/html", ""),
        (b"TEXT/HTML ;Charset=Shift_JIS", "Shift_JIS"),
        (b'text/html;charset="utf-16"; x=y', "utf-16"),
        (b"text/html; x=charset", ""),
    ],
)
def test_given_html_in_any_spelling_then_it_is_a_page(kind: bytes, charset: str) -> None:
    assert changed((b"content-type", kind)).charset == charset


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ((b"Content-Type", b"application/xhtml+xml"),),
        ((b"Content-Type", b"image/svg+xml"),),
        ((b"Content-Type", b"application/json"),),
        ((b"Content-Type", b"text/html-sandboxed"),),
        ((b"Content-Type", b"text/html"), (b"Content-Type", b"text/plain")),
        ((b"Content-Type", b"multipart/x-mixed-replace"),),
        (HTML, (b"Content-Disposition", b"attachment; filename=a.html")),
        (HTML, (b"content-disposition", b"ATTACHMENT")),
        (HTML, (b"Content-Disposition", b"unheard-of")),
        (HTML, (b"Content-Range", b"bytes 0-9/10")),
        (HTML, (b"Content-Encoding", b"br")),
        (HTML, (b"Content-Encoding", b"zstd")),
        (HTML, (b"Content-Encoding", b"deflate")),
        (HTML, (b"Content-Encoding", b"gzip, gzip")),
        (HTML, (b"Content-Encoding", b"gzip"), (b"Content-Encoding", b"br")),
        (HTML, (b"Cache-Control", b"private, No-Transform")),
        (HTML, (b"Integrity-Policy", b"blocked-destinations=(script)")),
        (HTML, (b"Content-Security-Policy", b"sandbox")),
    ],
)
def test_given_what_is_not_shown_or_not_read_then_it_is_left_alone(fields: RawHeaders) -> None:
    assert page_of(200, fields, SCRIPT) is None


@pytest.mark.parametrize("disposition", [b"inline", b"Inline; filename=a.html", b""])
def test_given_a_page_that_is_to_be_shown_then_it_changes(disposition: bytes) -> None:
    assert changed(HTML, (b"Content-Disposition", disposition))


@pytest.mark.parametrize(
    ("coding", "gzip"), [(b"gzip", True), (b"X-GZIP", True), (b"identity", False), (b"", False)]
)
def test_given_a_coding_that_we_read_then_it_is_known_and_stays(coding: bytes, gzip: bool) -> None:
    page = changed(HTML, (b"Content-Encoding", coding))

    assert page.gzip is gzip
    assert (b"Content-Encoding", coding) in page.fields


def test_given_fields_about_the_bytes_then_those_that_would_be_wrong_go() -> None:
    page = changed(
        (b"Server", b"caf\xe9"),
        HTML,
        (b"content-length", b"12"),
        (b"Content-MD5", b"x"),
        (b"Digest", b"x"),
        (b"Repr-Digest", b"x"),
        (b"CONTENT-DIGEST", b"x"),
        (b"Accept-Ranges", b"bytes"),
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"ETag", b'"abc"'),
        (b"Last-Modified", b"today"),
        (b"Vary", b"Cookie"),
    )

    assert page.fields == (
        (b"Server", b"caf\xe9"),
        HTML,
        (b"Set-Cookie", b"a=1"),
        (b"Set-Cookie", b"b=2"),
        (b"ETag", b'W/"abc;s-live-%b"' % LIVE.mark),
        (b"Last-Modified", b"today"),
        (b"Vary", b"Cookie"),
        PRIVATE,
        NO_PARTS,
    )


def test_given_a_date_and_no_tag_then_the_page_gets_one_made_of_it() -> None:
    page = changed(HTML, (b"Last-Modified", b"to day"))

    assert page.fields[2] == (b"ETag", b'W/"today;d-live-%b"' % LIVE.mark)


def test_given_policies_then_each_field_is_extended_in_its_place() -> None:
    page = changed(
        (b"Content-Security-Policy-Report-Only", b"script-src 'none'; worker-src *"),
        HTML,
        (b"content-security-policy", b"script-src 'nonce-YQ=='; worker-src 'self'"),
        (b"Content-Security-Policy", b"img-src *"),
    )

    assert page.tag == LIVE.tag("YQ==")
    assert page.fields[:4] == (
        (
            b"Content-Security-Policy-Report-Only",
            b"script-src https://app.example/_sidecar/live.js; worker-src *",
        ),
        HTML,
        (b"content-security-policy", b"script-src 'nonce-YQ=='; worker-src 'self'"),
        (b"Content-Security-Policy", b"img-src *"),
    )


def test_given_a_304_about_a_copy_with_the_script_then_its_fields_are_those_of_that_copy() -> None:
    fields = confirmed(
        (
            (b"ETag", b'"abc"'),
            (b"Content-Security-Policy", b"script-src 'nonce-bmV3ZXI='; worker-src *"),
            (b"Cache-Control", b"no-cache"),
        ),
        SCRIPT,
    )

    assert fields == (
        (b"ETag", b'W/"abc;s-live-%b"' % LIVE.mark),
        (
            b"Content-Security-Policy",
            b"script-src 'nonce-bmV3ZXI=' https://app.example/_sidecar/live.js; worker-src *",
        ),
        (b"Cache-Control", b"no-cache"),
        PRIVATE,
    )


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (b"public, max-age=600", (b" max-age=600",)),
        (b"Public", ()),
        (b"s-maxage=60,max-age=5, proxy-revalidate", (b"max-age=5",)),
        (b'private="x-a, x-b", max-age=5', (b'private="x-a, x-b", max-age=5',)),
        (b"no-cache", (b"no-cache",)),
    ],
)
def test_given_a_page_that_others_might_get_from_a_cache_then_it_is_private(
    said: bytes, left: tuple[bytes, ...]
) -> None:
    page = changed(
        HTML,
        (b"cache-control", said),
        (b"CDN-Cache-Control", b"max-age=9"),
        (b"Surrogate-Control", b"max-age=9"),
    )

    kept = [(b"cache-control", value.strip()) for value in left]
    assert page.fields == (HTML, *kept, PRIVATE, NO_PARTS)


@pytest.mark.parametrize("said", [b"private, max-age=60", b"No-Store"])
def test_given_a_page_that_nobody_else_gets_from_a_cache_then_that_stays(said: bytes) -> None:
    page = changed(HTML, (b"Cache-Control", said))

    assert page.fields == (HTML, (b"Cache-Control", said), NO_PARTS)


def test_given_a_304_with_a_sandbox_then_it_passes_as_it_is() -> None:
    fields = ((b"Content-Security-Policy", b"sandbox"), (b"ETag", b'"abc"'))

    assert confirmed(fields, SCRIPT) == fields

from collections.abc import AsyncIterator

import pytest

from tests.house import PASSWORD, PUBLIC_URL, Client, House, Visitor, a_house, served


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def client(house: House) -> AsyncIterator[Client]:
    async with served(house) as serving:
        yield serving


@pytest.fixture
def visitor(client: Client) -> Visitor:
    return Visitor(client)


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing", "/assets/x/none.css", "/login/"])
async def test_given_an_unknown_path_then_404_as_a_problem(visitor: Visitor, path: str) -> None:
    response = await visitor.get(path)

    body = await response.json(content_type="application/problem+json")
    assert response.status == 404
    assert body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here.",
        "code": "not_found",
        "instance": "/_sidecar" + path,
        "requestId": "request-1",
    }


async def test_given_a_wrong_method_then_405_with_the_right_ones(visitor: Visitor) -> None:
    reading = await visitor.get("/api/reauth")
    writing = await visitor.post("/api/session")

    assert (reading.status, writing.status) == (405, 405)
    assert reading.headers["Allow"] == "POST"
    assert "GET" in writing.headers["Allow"]
    assert (await reading.json(content_type=None))["code"] == "method_not_allowed"


async def test_given_a_person_at_a_wrong_address_then_a_page_says_so(visitor: Visitor) -> None:
    response = await visitor.get("/nothing", Accept="text/html", Sec_Fetch_Mode="navigate")

    assert response.status == 404
    assert response.content_type == "text/html"
    assert "request-1" in await response.text()


async def test_given_a_page_then_it_has_every_header_of_protection(visitor: Visitor) -> None:
    response = await visitor.get("/login")

    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"{", ""),
        (b"[]", ""),
        (b"null", ""),
        (b'"text"', ""),
        (b"\xff\xfe", ""),
        (b"[" * 60_000, ""),
        (b'{"username": "alice"}', "password"),
        (b'{"username": "", "password": "x"}', "username"),
        (b'{"username": 7, "password": "x"}', "username"),
        (b'{"username": "alice", "password": ["x"]}', "password"),
        (b'{"username": "alice", "password": null}', "password"),
        (b'{"username": "\\ud800", "password": "x"}', ""),
        (b'{"username": "alice", "password": "x", "returnTo": 1}', "returnTo"),
        (b'{"username": "alice", "password": "x", "endSession": "../x"}', "endSession"),
    ],
)
async def test_given_bad_input_then_400_names_the_member_and_repeats_nothing(
    visitor: Visitor, body: bytes, field: str
) -> None:
    response = await visitor.post("/login", body)

    problem = await response.json(content_type="application/problem+json")
    assert response.status == 400
    assert problem["code"] == "invalid_input"
    assert field in [error["field"] for error in problem["errors"]]
    assert all(error["message"] for error in problem["errors"])


@pytest.mark.parametrize("media_type", ["text/plain", "multipart/form-data", "application/xml"])
async def test_s_60_given_another_media_type_then_it_is_no_input(
    visitor: Visitor, media_type: str
) -> None:
    body = b'{"username": "alice", "password": "' + PASSWORD.encode() + b'"}'

    response = await visitor.post("/login", body, Content_Type=media_type)

    assert response.status == 400
    assert not visitor.cookie


@pytest.mark.parametrize(
    "body", [b"username=alice", b"username=&password=x", b"", b"username=%ff&password=x"]
)
async def test_given_a_form_that_is_not_filled_in_then_the_page_says_what_is_missing(
    visitor: Visitor, body: bytes
) -> None:
    response = await visitor.post("/login", body, Content_Type="application/x-www-form-urlencoded")

    assert response.status == 400
    assert "Enter your username and your password." in await response.text()


async def test_s_79_given_a_password_over_1024_bytes_then_413_before_any_hash(
    visitor: Visitor, house: House
) -> None:
    house.hashing.close()  # whatever is hashed now would answer 503

    long = "ä" * 513
    by_json = await visitor.sign_in(password=long)
    by_form = await visitor.post("/login", {"username": "alice", "password": long}, form=True)

    assert (by_json.status, by_form.status) == (413, 413)
    assert (await by_json.json(content_type=None))["code"] == "payload_too_large"


async def test_s_79_given_a_body_over_64_kib_then_413(visitor: Visitor) -> None:
    response = await visitor.post("/login", b"x" * 100_000)

    assert response.status == 413


async def test_s_79_given_a_hash_pool_that_is_full_then_503_with_retry_after(
    visitor: Visitor, house: House
) -> None:
    house.hashing.close()

    response = await visitor.sign_in()

    assert response.status == 503
    assert (await response.json(content_type=None))["code"] == "sign_in_busy"
    assert int(response.headers["Retry-After"]) >= 1
    assert house.logins == ["unavailable"]


async def test_given_two_origins_then_the_call_is_refused(visitor: Visitor) -> None:
    visitor.headers = {"Origin": f"{PUBLIC_URL}, {PUBLIC_URL}"}

    assert (await visitor.sign_in()).status == 403


async def test_s_60_given_calls_without_origin_then_none_changes_anything(
    client: Client, visitor: Visitor
) -> None:
    await visitor.sign_in()
    foreign = Visitor(client, visitor.cookie, headers={})

    for path in ("/login", "/logout", "/api/reauth"):
        for media_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            response = await foreign.post(path, b"{}", Content_Type=media_type)
            assert response.status == 403

    assert (await visitor.get("/api/session")).status == 200


async def test_given_a_file_then_its_address_may_be_kept_for_ever(
    visitor: Visitor, house: House
) -> None:
    url = house.services.assets.url("signin.css").removeprefix("/_sidecar")

    response = await visitor.get(url)
    again = await visitor.get(url, If_None_Match=response.headers["ETag"])
    older = await visitor.get("/assets/0000/signin.css")

    assert response.status == 200
    assert response.content_type == "text/css"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert again.status == 304
    assert older.headers["Cache-Control"] == "no-cache"
    assert await older.read() == await response.read()


async def test_s_87_given_markup_in_everything_a_page_shows_then_it_stays_text(
    visitor: Visitor,
) -> None:
    nasty = '<script>alert(1)</script>{{7777*7}}"\u202e'

    page = await visitor.get("/login", Accept_Language=nasty)
    again = await visitor.post("/login", {"username": nasty, "password": "x"}, form=True)
    odd = await visitor.get("/login?return_to=/%3Cscript%3Ealert(1)&reason=%3Cscript%3E")

    for response in (page, again, odd):
        text = await response.text()
        assert "<script>" not in text
        assert "54439" not in text


async def test_given_the_store_is_silent_then_503_and_the_cookie_is_left_alone(
    visitor: Visitor, house: House
) -> None:
    await visitor.sign_in()
    cookie = visitor.cookie
    await house.database.command("CLIENT", "PAUSE", "30000", "WRITE")

    response = await visitor.sign_in()

    await house.database.command("CLIENT", "UNPAUSE")
    assert response.status == 503
    assert response.headers["Retry-After"] == "1"
    assert visitor.cookie == cookie

"""Text that is no text, in every member that a client may send: refused on arrival, by 400."""

from collections.abc import AsyncIterator

import pytest

from tests.house import House, Visitor, a_house, served

FORM = "application/x-www-form-urlencoded"
NO_TEXTS = [rb"\ud800", rb"a\udfffb", rb"\ud800x", rb"\udc00\ud800", b"\xed\xa0\x80", b"\xff"]


@pytest.fixture
async def house(redis_url: str) -> AsyncIterator[House]:
    async with a_house(redis_url) as built:
        await built.add("alice")
        yield built


@pytest.fixture
async def visitor(house: House) -> AsyncIterator[Visitor]:
    async with served(house) as client:
        yield Visitor(client)


@pytest.mark.parametrize("text", NO_TEXTS)
@pytest.mark.parametrize("member", [b"username", b"password", b"returnTo", b"endSession"])
async def test_s_88_given_no_text_in_json_when_it_is_sent_to_sign_in_then_400(
    visitor: Visitor, member: bytes, text: bytes
) -> None:
    members = {b"username": b"alice", b"password": b"guess", member: text}
    pairs = (b'"%b": "%b"' % pair for pair in members.items())

    answer = await visitor.post("/login", b"{%b}" % b", ".join(pairs))

    assert answer.status == 400
    assert (await answer.json())["code"] == "invalid_input"


@pytest.mark.parametrize("text", NO_TEXTS)
async def test_s_88_given_no_text_as_password_when_it_is_proven_again_then_400(
    visitor: Visitor, text: bytes
) -> None:
    await visitor.sign_in()

    answer = await visitor.post("/api/reauth", b'{"password": "%b"}' % text)

    assert answer.status == 400
    assert (await answer.json())["code"] == "invalid_input"


@pytest.mark.parametrize("text", [b"%ED%A0%80", b"\xed\xa0\x80", b"%ff", b"\xff"])
@pytest.mark.parametrize("member", [b"username", b"password", b"return_to", b"endSession"])
async def test_s_88_given_no_text_in_the_form_when_it_is_sent_then_the_page_with_400(
    visitor: Visitor, member: bytes, text: bytes
) -> None:
    fields = {b"username": b"alice", b"password": b"guess", member: text}
    body = b"&".join(b"%b=%b" % pair for pair in fields.items())

    answer = await visitor.post("/login", body, Content_Type=FORM)

    assert answer.status == 400
    assert answer.content_type == "text/html"


@pytest.mark.parametrize("query", ["return_to=%ED%A0%80", "return_to=%ff", "reason=%ED%A0%80"])
async def test_s_88_given_no_text_in_the_address_when_the_page_is_asked_for_then_it_comes(
    visitor: Visitor, query: str
) -> None:
    assert (await visitor.get(f"/login?{query}")).status == 200
    assert (await visitor.post(f"/login?{query}", {"username": "a", "password": "b"})).status == 401

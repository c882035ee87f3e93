"""What nobody means well asks of the admin API, and how little comes of it."""

import pytest
from yarl import URL

from sidecar.core.users import Role
from tests.admin.staff import Person, enter
from tests.house import Client, House, Visitor


@pytest.mark.parametrize(
    "path",
    [
        "/api/adminX/sessions",
        "/api/admin",
        "/api/admin/",
        "/api/admin/sessions/",
        "/api/admin//sessions",
        "/api/Admin/sessions",
        "/api/admin%2fsessions",
        "/api/admin/sessions/ended/",
        "/api/admin/sessions;x=1",
        "/api/admin/users/%2e%2e/sessions",
    ],
)
async def test_s_24_given_an_address_that_is_nearly_one_of_these_then_404_before_any_role(
    path: str, owner: Person, house: House, client: Client
) -> None:
    user = await enter(house, client, "uma", Role.USER)

    for who in (owner, user):
        response = await client.get(
            URL(f"/_sidecar{path}", encoded=True), headers={"Cookie": who.visitor.cookie}
        )
        assert response.status == 404
        assert response.content_type == "application/problem+json"


@pytest.mark.parametrize("path", ["/sessions", "/sessions/ended", "/users"])
@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("limit", "-1"),
        ("limit", "0"),
        ("limit", "201"),
        ("limit", "1e9"),
        ("limit", "abc"),
        ("limit", "1%00"),
        ("offset", "-1"),
        ("offset", "1e9"),
        ("offset", "abc"),
        ("cursor", "forged"),
        ("colour", "red"),
    ],
)
async def test_s_71_given_what_no_list_has_when_it_is_asked_then_400_names_the_field(
    path: str, member: str, value: str, owner: Person
) -> None:
    answer = await owner.get(path, **{member: value})

    assert (answer.status, answer.code, answer.fields) == (400, "invalid_input", [member])


async def test_s_71_given_a_member_twice_when_a_list_is_asked_then_400_names_it(
    owner: Person,
) -> None:
    answer = await owner.ask("GET", "/sessions?limit=1&limit=200")

    assert (answer.status, answer.fields) == (400, ["limit"])


async def test_s_87_given_markup_for_names_and_agents_when_they_are_listed_then_it_is_json_text(
    owner: Person, house: House, client: Client
) -> None:
    nasty = '<script>alert(1)</script>{{7*7}}"\u202e'
    await house.add("</script><b>")
    visitor = Visitor(client)
    visitor.headers["User-Agent"] = "<script>alert(1)</script>{{7*7}}"
    await visitor.sign_in("</script><b>")

    for path in ("/sessions", "/users", "/audit"):
        answer = await owner.get(path)
        assert answer.headers["Content-Type"] == "application/json"
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert "</script><b>" in str(answer.body)
    refused = await owner.get("/users", q=nasty, **{"<b>": "1"})
    assert "<" not in str(refused.body)

"""What SCIM says of itself is what a person is written with."""

from datetime import UTC, datetime

from sidecar.clients.scim_documents import documents
from sidecar.clients.scim_shapes import USER, write_user
from sidecar.core.users import Role, User, UserId

HERE = "https://x/scim/v2"


def test_given_a_person_then_every_attribute_is_in_the_schema() -> None:
    at = datetime(2026, 12, 1, tzinfo=UTC)
    person = User(UserId("u"), "maria", Role.USER, at, "M", "m@x.org", ("g",), external_id="e")

    named = {one["name"] for one in documents(HERE)["Schemas"][USER]["attributes"]}

    assert write_user(person, HERE).keys() - {"schemas", "id", "meta"} == named


def test_given_each_document_then_it_says_where_it_is() -> None:
    for kind, found in documents(HERE).items():
        for name, document in found.items():
            single = kind == "ServiceProviderConfig"
            expected = f"{HERE}/{kind}" if single else f"{HERE}/{kind}/{name}"
            assert document["meta"]["location"] == expected

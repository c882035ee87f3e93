"""What the document says of the details of audit entries is the table that they are written by."""

from sidecar.core.audit import DETAILS, Action
from sidecar.front.openapi import document
from sidecar.front.openapi_audit import details_schema
from tests.house import a_house


def test_given_the_table_then_its_schema_has_every_action() -> None:
    schema = details_schema()

    assert set(schema["x-details"]) == {action.value for action in Action}
    assert schema["x-details"]["session.opened"] == DETAILS[Action.SESSION_OPENED]


async def test_given_the_document_then_entries_have_that_schema(redis_url: str) -> None:
    async with a_house(redis_url) as house:
        entry = document(house.services)["components"]["schemas"]["AuditEntry"]

    assert entry["properties"]["details"] == details_schema()

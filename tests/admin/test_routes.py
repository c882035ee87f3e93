"""The table of routes is whole: each row is what the contract says, and its operation fits it."""

import inspect

import pytest

from sidecar.admin.routes import ROUTES
from sidecar.core.api_route import ApiRoute
from sidecar.core.users import Role

CONTRACT = """
GET /api/admin/sessions
GET /api/admin/sessions/ended
DELETE /api/admin/sessions
DELETE /api/admin/sessions/{id}
POST /api/admin/sessions/revoke
GET /api/admin/users
POST /api/admin/users
GET /api/admin/users/{id}
PATCH /api/admin/users/{id}
DELETE /api/admin/users/{id}
POST /api/admin/users/{id}/ban
POST /api/admin/users/{id}/unban
POST /api/admin/users/{id}/unlock
POST /api/admin/users/{id}/password
POST /api/admin/users/{id}/password-reset
POST /api/admin/users/{id}/erase
GET /api/admin/audit
GET /api/admin/audit/export
GET /api/admin/events
GET /api/admin/alarms
POST /api/admin/alarms/{id}/acknowledge
GET /api/admin/overview
GET /api/admin/policy
GET /api/admin/agents
POST /api/admin/agents
DELETE /api/admin/agents/{id}
GET /api/admin/users/{id}/factors
DELETE /api/admin/users/{id}/factors
GET /api/admin/webhooks
POST /api/admin/webhooks
GET /api/admin/webhooks/{id}
PATCH /api/admin/webhooks/{id}
DELETE /api/admin/webhooks/{id}
POST /api/admin/webhooks/{id}/rotate-secret
POST /api/admin/webhooks/{id}/test
GET /api/admin/webhooks/{id}/deliveries
POST /api/admin/webhooks/{id}/deliveries/{deliveryId}/redeliver
"""


def test_given_the_contract_when_the_table_is_read_then_it_has_these_routes() -> None:
    assert [f"{row.method} {row.path}" for row in ROUTES] == CONTRACT.split("\n")[1:-1]


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_given_a_row_when_its_operation_is_looked_at_then_it_takes_what_the_row_gives(
    row: ApiRoute,
) -> None:
    parameters = list(inspect.signature(row.operation, eval_str=True).parameters.values())[2:]
    given = [kind for kind in (row.query, row.body) if kind is not None]

    assert [one.annotation for one in parameters] == [str] * len(row.ids) + given
    assert row.body is None or row.query is None


@pytest.mark.parametrize("row", ROUTES, ids=lambda row: f"{row.method} {row.path}")
def test_given_a_row_when_it_is_read_then_viewers_read_and_admins_act(row: ApiRoute) -> None:
    reads = row.method == "GET"
    acts = Role.OWNER if row.path.endswith("/erase") else Role.ADMIN

    assert row.role is (Role.VIEWER if reads else acts)
    assert (row.action is None) is (reads and "/audit" not in row.path)
    assert not (reads and row.body)


def test_given_the_contract_when_the_table_is_read_then_these_acts_may_ask_for_proof() -> None:
    """Everyone's sessions and roles ask for it inside their operations, by what is given."""
    asking = {f"{row.method} {row.path}": row.step_up for row in ROUTES if row.step_up is not None}

    assert asking == dict.fromkeys(
        (
            "DELETE /api/admin/sessions",
            "DELETE /api/admin/sessions/{id}",
            "POST /api/admin/sessions/revoke",
            "DELETE /api/admin/users/{id}",
            "POST /api/admin/users/{id}/ban",
            "POST /api/admin/users/{id}/password",
            "DELETE /api/admin/agents/{id}",
        ),
        "end_sessions",
    ) | dict.fromkeys(
        (
            "POST /api/admin/users/{id}/erase",
            "POST /api/admin/agents",
            "DELETE /api/admin/users/{id}/factors",
        ),
        "roles",
    )

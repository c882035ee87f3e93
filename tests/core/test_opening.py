from datetime import UTC, datetime

import pytest

from sidecar.core.audit import SYSTEM
from sidecar.core.opening import Opening
from sidecar.core.users import Role, User, UserId

ALICE = User(UserId("u-1"), "alice", Role.USER, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("method", "is_so"),
    [
        ("password", True),
        ("password+totp", True),
        ("password+recovery_code", True),
        ("oidc", False),
        ("passwordless", False),
    ],
)
def test_given_a_method_then_it_is_said_whether_a_password_was_part_of_it(method: str, is_so: bool):
    assert Opening(ALICE, SYSTEM, "", "", auth_method=method).by_password is is_so

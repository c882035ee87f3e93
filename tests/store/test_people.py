"""A person as bytes."""

import json
from datetime import UTC, datetime

from sidecar.core.users import Role, User, UserId
from sidecar.store.people import decode_user, encode_user
from tests.store.seeds import NOW

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def test_given_a_person_when_they_are_written_then_they_are_read_back() -> None:
    user = User(UserId("u1"), "Älice", Role.OWNER, EPOCH, "Älice A.", "a@b", ("x", "y z"))

    known = decode_user(user.id, encode_user(user, "phc"))

    assert known.user == user
    assert known.password_hash == "phc"


def test_given_a_person_of_a_newer_version_then_what_is_new_is_left_alone() -> None:
    raw = json.dumps({"v": 2, "n": "a", "c": "a", "r": 0, "t": 0, "new": [1], "b": 1, "bu": 1})

    user = decode_user(UserId("u1"), raw.encode()).user

    assert user.banned
    assert not user.is_banned(NOW)

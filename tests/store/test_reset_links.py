"""The tokens of reset links: what they hold, and what is none."""

import re

import pytest

from sidecar.core.users import UserId
from sidecar.store.reset_links import new_reset_token, read_reset_token

USER = UserId("AbC_-123")


def test_given_a_new_token_when_it_is_read_then_it_names_the_person_and_hides_the_secret() -> None:
    token = new_reset_token(USER)

    read = read_reset_token(token)

    assert read is not None
    assert read.user_id == USER
    assert re.fullmatch("[0-9a-f]{64}", read.secret_hash)
    secret = token.partition(".")[2]
    assert len(secret) == 43
    assert secret not in repr(read)
    assert len({new_reset_token(USER) for _ in range(100)}) == 100


@pytest.mark.parametrize(
    "text",
    ["", ".", "u1", "u1.", f".{'a' * 43}", f"u1.{'a' * 42}", f"u1.{'a' * 44}", f"u:1.{'a' * 43}"]
    + [f"u1.{'a' * 43}\n", f"{'u' * 65}.{'a' * 43}", f"u1.{'é' * 43}", "\0" * 60],
)
def test_given_what_never_was_a_token_then_it_is_none(text: str) -> None:
    assert read_reset_token(text) is None

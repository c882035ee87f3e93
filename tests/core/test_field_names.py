import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.field_names import HOP_BY_HOP, IDENTITY_NAMES, field_key, identity_names


@pytest.mark.parametrize(
    ("name", "key"),
    [(b"X_Forwarded.User", b"x-forwarded-user"), (b"HOST", b"host"), (b"", b"")],
)
def test_given_a_name_then_its_key_is_lower_case_with_dashes(name: bytes, key: bytes) -> None:
    assert field_key(name) == key


@given(st.binary(max_size=100))
def test_a_key_is_its_own_key(name: bytes) -> None:
    assert field_key(field_key(name)) == field_key(name)


def test_the_tables_hold_keys() -> None:
    assert all(field_key(name) == name for name in IDENTITY_NAMES | HOP_BY_HOP)


def test_s04_given_configured_names_then_they_join_ours() -> None:
    assert identity_names(["X_Team"]) == IDENTITY_NAMES | {b"x-team"}

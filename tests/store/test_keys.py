"""The names of keys and how they spread over partitions."""

from datetime import UTC, datetime

import pytest

from sidecar.core.token import new_handle
from sidecar.core.users import UserId
from sidecar.store.keys import Keys

NOW = datetime(2026, 5, 17, tzinfo=UTC)


def test_given_a_handle_when_its_keys_are_named_then_they_share_the_partitions_hash_tag() -> None:
    keys = Keys(partitions=64)
    handle = new_handle(NOW, 7, bytes(22))

    assert keys.session(handle) == f"sidecar:{{p07}}:s:{handle}"
    assert keys.record_and_last_active(handle) == (
        f"sidecar:{{p07}}:s:{handle}".encode(),
        f"sidecar:{{p07}}:a:{handle}".encode(),
    )


def test_given_64_partitions_when_many_users_are_spread_then_each_partition_has_some() -> None:
    keys = Keys(partitions=64)

    used = {keys.partition_of_user(UserId(f"user-{number}")) for number in range(2000)}

    assert used == set(range(64))


def test_given_a_handle_of_an_unknown_partition_when_it_is_named_then_it_is_in_the_first() -> None:
    assert Keys(partitions=1).partition_of(new_handle(NOW, 63, bytes(22))) == 0


@pytest.mark.parametrize("partitions", [0, 65, -1])
def test_given_an_impossible_number_of_partitions_then_it_is_refused(partitions: int) -> None:
    with pytest.raises(ValueError, match="partitions"):
        Keys(partitions=partitions)


@pytest.mark.parametrize("prefix", ["", "a{b", "a b"])
def test_given_a_prefix_that_would_break_the_hash_tag_then_it_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="prefix"):
        Keys(prefix)


def test_given_a_name_when_its_counter_is_named_then_the_name_is_not_part_of_it() -> None:
    assert "hunter2" not in Keys().failures("hunter2")

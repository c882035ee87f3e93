"""The actions of the audit log, and what an entry of each may carry."""

import pytest

from sidecar.core.audit import DETAILS, REFUSED_DETAILS, SYSTEM, Action, AuditEntry, unknown_details
from sidecar.store.audit import entry_fields


def test_given_the_table_then_every_action_is_in_it_and_every_detail_says_what_it_is() -> None:
    assert list(DETAILS) == list(Action)
    for details in (*DETAILS.values(), REFUSED_DETAILS):
        assert all(text.endswith(".") and name.isalpha() for name, text in details.items())


def test_given_details_that_the_action_does_not_have_then_they_are_found() -> None:
    assert unknown_details(Action.USER_BANNED, "done", ["until", "note", "x"]) == ["note", "x"]
    assert unknown_details(Action.USER_BANNED, "refused", ["until", "note", "call"]) == []


def test_given_an_entry_with_a_detail_of_no_table_when_it_is_written_then_it_is_an_error() -> None:
    entry = AuditEntry(Action.USER_BANNED, SYSTEM, details={"password": "secret"})

    with pytest.raises(ValueError, match="no details"):
        entry_fields(entry)

"""Records and tombstones as bytes."""

import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.core.ports import Tombstone
from sidecar.core.reasons import Ended
from sidecar.core.session import Device, Kind, Session
from sidecar.core.users import Role, UserId
from sidecar.store.codec import decode, encode, to_ms
from tests.store.seeds import NOW, a_session

HANDLE = a_session().handle
TEXT = st.text(st.characters(codec="utf-8"), max_size=30)
INSTANT = st.integers(0, 10**9).map(lambda ms: NOW + timedelta(milliseconds=ms))


@given(
    texts=st.tuples(*[TEXT] * 8),
    groups=st.lists(TEXT.filter(lambda text: text and "\n" not in text), max_size=4),
    role=st.sampled_from(Role),
    kind=st.sampled_from(Kind),
    active=INSTANT,
    authenticated=INSTANT,
    previous=st.none() | INSTANT.map(lambda instant: instant + timedelta(seconds=10)),
)
def test_given_any_session_when_it_is_encoded_then_it_decodes_to_itself(
    texts: tuple[str, ...],
    groups: list[str],
    role: Role,
    kind: Kind,
    active: datetime,
    authenticated: datetime,
    previous: datetime | None,
) -> None:
    username, display, email, address, agent, browser, system, label = texts
    session = a_session(
        username=username,
        display_name=display,
        email=email,
        ip_address=address,
        last_ip_address=address,
        user_agent=agent,
        groups=tuple(groups),
        role=role,
        kind=kind,
        device=Device(label or "Chrome on Linux", browser, system, "desktop"),
        last_active_at=active,
        authenticated_at=authenticated,
        previous_hash=b"\x01" * 32 if previous else b"",
        previous_until=previous,
    )

    decoded = decode(HANDLE, encode(session), str(to_ms(active)).encode())

    assert decoded == session


def test_given_a_record_of_the_next_version_when_it_is_read_then_what_is_new_is_left_alone() -> (
    None
):
    session = a_session(previous_hash=b"\x02" * 32, previous_until=NOW + timedelta(seconds=10))
    items = json.loads(encode(session))
    newer = json.dumps([2, *items[1:], "what version 2 added"]).encode()

    assert decode(HANDLE, newer, str(to_ms(NOW)).encode()) == session


@pytest.mark.parametrize(
    "record",
    [b"", b"nonsense", b"{}", b"[]", b"[3]", b'["1"]', b"[1]", b'[1,0,0,"!","u","n",0]', b"\xff"],
)
def test_given_bytes_that_are_no_record_when_they_are_read_then_it_is_a_value_error(
    record: bytes,
) -> None:
    with pytest.raises(ValueError, match=r"."):
        decode(HANDLE, record, None)


def test_given_a_tombstone_when_it_is_read_then_reason_instant_and_hash_are_there() -> None:
    record = b'[-1,1779010200123,"banned","u1","AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"]'

    assert decode(HANDLE, record, None) == Tombstone(
        Ended.BANNED, NOW, UserId("u1"), bytes(range(32))
    )


def test_given_a_reason_of_a_newer_version_when_it_is_read_then_the_session_counts_as_revoked() -> (
    None
):
    look = decode(HANDLE, b'[-2,0,"lost_phone","u1",""]', None)

    assert isinstance(look, Tombstone)
    assert look.reason is Ended.REVOKED


def test_given_no_last_active_when_a_record_is_read_then_it_was_last_used_at_its_creation() -> None:
    session = decode(HANDLE, encode(a_session()), None)

    assert isinstance(session, Session)
    assert session.last_active_at == NOW

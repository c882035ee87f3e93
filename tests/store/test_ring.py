"""A ring of keys as a value."""

from datetime import timedelta

from sidecar.store.ring import Ring
from tests.store.seeds import NOW

DAY, SOON = timedelta(days=1), timedelta(seconds=10)


def test_given_a_ring_when_it_is_rotated_then_the_old_key_is_used_until_all_know_the_new_one() -> (
    None
):
    ring = Ring.first(NOW)

    rotated = ring.rotated(NOW, NOW + SOON, DAY)

    assert rotated.current_mac(NOW) == rotated.macs[0]
    assert rotated.current_mac(NOW).secret == ring.macs[0].secret
    assert rotated.current_mac(NOW + SOON) == rotated.macs[1]
    assert rotated.current_signing(NOW + SOON) == rotated.signing[1]


def test_given_a_rotated_ring_then_the_old_key_is_good_for_the_lifetime_and_then_dropped() -> None:
    rotated = Ring.first(NOW).rotated(NOW, NOW + SOON, DAY)
    old = rotated.macs[0]

    assert old.is_good(NOW + SOON + DAY - timedelta(seconds=1))
    assert not old.is_good(NOW + SOON + DAY)
    later = rotated.rotated(NOW + 2 * DAY, NOW + 2 * DAY, DAY)
    assert old.key_id not in {key.key_id for key in later.macs}
    assert len(later.macs) == 2


def test_given_a_ring_when_it_is_written_then_it_is_read_back() -> None:
    ring = Ring.first(NOW).rotated(NOW, NOW + SOON, DAY)

    assert Ring.from_json(ring.to_json()) == ring


def test_given_a_ring_then_it_is_due_once_its_newest_key_is_old() -> None:
    ring = Ring.first(NOW)

    assert not ring.is_due(NOW)
    assert ring.is_due(NOW + timedelta(seconds=1))


def test_given_a_key_then_what_it_shows_of_itself_is_no_secret() -> None:
    key = Ring.first(NOW).macs[0]

    assert repr(key) == f"RingKey({key.key_id!r})"
    assert "." not in key.key_id


def test_given_a_signing_key_then_it_is_es256_with_its_id() -> None:
    key = Ring.first(NOW).signing[0]

    public = key.es256().public

    assert public["kid"] == key.key_id
    assert (public["kty"], public["crv"]) == ("EC", "P-256")
    assert "d" not in public

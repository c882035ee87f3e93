"""How often somebody may send nonsense: as often as it says, and only they wait."""

from sidecar.front.patience import Patience


class Clock:
    at = 100.0

    def __call__(self) -> float:
        return self.at


def test_given_nonsense_then_who_sent_it_waits_and_nobody_else() -> None:
    patience = Patience(Clock(), most=3)

    for _ in range(3):
        assert patience.has_some("203.0.113.9")
        patience.lose_some("203.0.113.9")

    assert not patience.has_some("203.0.113.9")
    assert not patience.has_some("::ffff:203.0.113.9")
    assert patience.has_some("203.0.113.10")


def test_given_a_minute_then_it_is_forgotten() -> None:
    clock = Clock()
    patience = Patience(clock, most=1)
    patience.lose_some("203.0.113.9")
    clock.at += 59

    assert not patience.has_some("203.0.113.9")
    clock.at += 1

    assert patience.has_some("203.0.113.9")


def test_given_very_many_who_send_it_then_what_is_known_of_them_is_bounded() -> None:
    patience = Patience(Clock(), most=1)

    for number in range(5000):
        patience.lose_some(f"10.{number >> 8}.{number & 255}.1")

    assert patience.has_some("10.0.0.1")  # all were forgotten at once, rather than kept

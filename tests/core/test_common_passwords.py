from sidecar.core.common_passwords import RUNS, WORDS


def test_given_the_words_then_each_is_folded_and_long_enough_to_mean_something() -> None:
    assert all(word == word.casefold() and len(word) >= 3 for word in WORDS)
    assert len(WORDS) >= 700


def test_given_the_runs_then_each_is_folded_and_longer_than_chance() -> None:
    assert all(run == run.casefold() and len(run) >= 5 for run in RUNS)

"""Settings as texts: what a worker makes of them is what the supervisor has."""

from pathlib import Path

import pytest

from sidecar.settings_load import load_settings
from sidecar.settings_texts import settings_of, texts_of


def test_given_settings_when_they_went_through_texts_then_they_are_the_same() -> None:
    flags = {"redis.url": "redis+cluster://:hunter2@one,two:7000", "log.access": "false"}
    flags |= {"trusted_proxies": "10.0.0.0/8 unix", "upstream": "http://app", "pre_stop": "1500ms"}
    settings = load_settings(None, {}, flags)

    texts = texts_of(settings)

    assert settings_of(texts) == settings
    assert texts["redis.url"] == flags["redis.url"]
    assert texts["redis.partitions"] == "64"
    assert texts["public_url"] == "http://localhost:8080"


def test_given_no_texts_but_what_has_no_default_then_the_defaults_stand() -> None:
    assert settings_of({"state_dir": "/x"}) == load_settings(None, {}, {"state_dir": "/x"})


def test_given_texts_of_a_tree_when_it_is_restored_then_files_that_are_gone_are_no_fault() -> None:
    texts = {"state_dir": "/none", "secret_file": "/none/secret", "drain_timeout": "1500ms"}

    settings = settings_of(texts)

    assert settings.secret_file == Path("/none/secret")
    assert settings.drain_timeout.total_seconds() == 1.5


def test_given_a_text_that_is_none_of_ours_when_it_is_restored_then_the_key_is_told() -> None:
    with pytest.raises(ValueError, match="workers: must be"):
        settings_of({"state_dir": "/none", "workers": "none"})

"""The frozen tree: what stands in it when nobody says anything, and that it hides its secrets."""

from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress
from sidecar.settings_load import load_settings


def test_given_nothing_when_settings_are_read_then_the_defaults_of_the_design_stand() -> None:
    settings = load_settings(None, {"HOME": "/home/ann"}, {})

    assert settings.listen == TcpAddress("127.0.0.1", 8080)
    assert settings.ops.listen == TcpAddress("127.0.0.1", 9090)
    assert settings.public_url == settings.assertion_audience == "http://localhost:8080"
    assert settings.mount == "/_sidecar"
    assert settings.workers == 1
    assert settings.upstream is None
    assert settings.trusted_proxies == ()
    assert settings.state_dir == Path("/home/ann/.local/state/session-sidecar")
    assert settings.redis.url.form == "embedded"
    assert settings.redis.partitions == 1
    assert settings.redis.deadline == timedelta(milliseconds=500)
    assert (settings.pre_stop, settings.drain_timeout) == (timedelta(0), timedelta(seconds=30))
    assert settings.secure is False


def test_given_a_cluster_when_settings_are_read_then_users_spread_over_64_partitions() -> None:
    settings = load_settings(None, {"SIDECAR_REDIS__URL": "redis+cluster://one,two:7000"}, {})

    assert settings.redis.partitions == 64


def test_given_settings_when_one_is_changed_then_that_is_refused() -> None:
    settings = load_settings(None, {}, {})

    with pytest.raises(FrozenInstanceError):
        settings.workers = 2  # type: ignore[misc]  # that is what is tried


def test_given_a_password_in_the_store_url_when_the_tree_is_shown_then_it_is_not_there() -> None:
    flags = {"redis.url": "rediss://ann:hunter2@store:6380/0"}

    settings = load_settings(None, {}, flags)

    assert "hunter2" not in repr(settings) + str(settings) + str(settings.redis.url)
    assert settings.redis.url.text == flags["redis.url"]
    assert str(settings.redis.url) == "rediss://***@store:6380/0"


def test_given_an_https_address_when_settings_are_read_then_cookies_are_secure() -> None:
    settings = load_settings(None, {}, {"public_url": "https://App.Example/"})

    assert settings.secure is True
    assert settings.public_url == "https://app.example"

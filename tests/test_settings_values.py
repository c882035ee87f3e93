"""Values that only settings have: the store's URL, public address, mount, networks, files."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress, UnixAddress
from sidecar.settings import Settings
from sidecar.settings_load import SettingsInvalid, load_settings
from sidecar.settings_values import RedisUrl, local_url


def load(**flags: str) -> Settings:
    return load_settings(None, {}, {name.replace("__", "."): text for name, text in flags.items()})


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("embedded", "embedded"),
        ("redis://store:6379/0", "single"),
        ("rediss://store", "single"),
        ("unix:///run/redis.sock?db=1", "single"),
        ("unix://:secret@/run/redis.sock", "single"),
        ("redis+sentinel://a:26379,b:26379/mymaster/0", "sentinel"),
        ("redis+cluster://a:7000,b:7001", "cluster"),
        ("redis+cluster://a:7000,[::1]:7001", "cluster"),
    ],
)
def test_given_a_store_url_when_it_is_read_then_its_form_is_known(url: str, form: str) -> None:
    assert load(redis__url=url).redis.url == RedisUrl(url, form)  # type: ignore[arg-type]  # a row


@pytest.mark.parametrize(
    "url",
    ["", "localhost", "http://a", "redis:", "redis://", "unix://", "redis://:hunter2@:x"]
    + ["redis://h:99999", "redis://h:0", "embeded", "redis://a,b", "redis+sentinel://a:1"]
    + ["redis+cluster://,", "redis+cluster://a:x", "redis+sentinel://a,:hunter2@:1/m"],
)
def test_given_no_store_url_when_it_is_read_then_it_is_refused_without_repeating_it(
    url: str,
) -> None:
    with pytest.raises(SettingsInvalid, match=r"--redis\.url: must (be|end)") as refused:
        load(redis__url=url)

    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://h/x", "must name its database by a number"),
        ("redis://h/0/1", "must name its database by a number"),
        ("unix:///run/r?db=hunter2", "must name its database by a number"),
        ("redis://h/1?db=2", "must name one database"),
        ("redis+sentinel://h:1/main/x", "must name its database by a number"),
        ("redis+cluster://h:1/3", "must name no database"),
        ("redis://h/0?socket_timeout=hunter2", "db, password, username"),
        ("redis+cluster://h?db=0", "ssl_ca_certs, tls"),
    ],
)
def test_given_a_store_url_with_a_wrong_end_when_it_is_read_then_what_is_accepted_is_said(
    url: str, said: str
) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load(redis__url=url)

    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("prefix", ["", "a{b", "a b", "x" * 65, "{}"])
def test_given_a_prefix_that_would_break_the_keys_when_it_is_read_then_it_is_refused(
    prefix: str,
) -> None:
    with pytest.raises(SettingsInvalid, match=r"--redis\.prefix: must (hold letters|be a text)"):
        load(redis__prefix=prefix)


def test_given_secrets_anywhere_in_a_store_url_when_it_is_shown_then_they_are_not_there() -> None:
    for text in ("redis://a:p@ss@host/0", "unix:///run/r?password=p@ss", "redis://:p@host"):
        shown = str(RedisUrl(text, "single")) + repr(RedisUrl(text, "single"))
        assert "p@" not in shown
        assert "ss" not in shown


def test_given_networks_when_they_are_read_then_lists_and_texts_mean_the_same() -> None:
    expected = (ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("192.0.2.1/32"))

    assert load(trusted_proxies="10.0.0.0/8, fd00::/8 192.0.2.1").trusted_proxies == expected
    assert load(trusted_proxies="").trusted_proxies == ()


def test_given_the_word_unix_among_networks_when_it_is_read_then_it_stands_for_unix_sockets() -> (
    None
):
    settings = load(trusted_proxies="unix,10.0.0.0/8")

    assert settings.trusted_proxies == ("unix", ip_network("10.0.0.0/8"))


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everything", "10.0.0.0/33", "Unix"])
def test_given_no_network_when_it_is_read_then_the_form_is_named(text: str) -> None:
    with pytest.raises(SettingsInvalid, match="must hold networks such as"):
        load(trusted_proxies=text)


@pytest.mark.parametrize("mount", ["", "/", "sidecar", "/a/", "//a", "/a/../b", "/a?b", "/a%20b"])
def test_given_no_plain_path_when_the_mount_is_read_then_it_is_refused(mount: str) -> None:
    with pytest.raises(SettingsInvalid, match="--mount: must be"):
        load(mount=mount)


@pytest.mark.parametrize("url", ["app.example", "https://a/path", "https://ann:pw@a", "ws://a"])
def test_given_no_origin_when_the_public_address_is_read_then_it_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid, match="--public-url: must be"):
        load(public_url=url)


def test_given_a_usual_port_when_the_public_address_is_read_then_it_is_left_out() -> None:
    assert load(public_url="https://App.example:443").public_url == "https://app.example"
    assert load(public_url="http://app.example:8080/").public_url == "http://app.example:8080"


def test_given_a_file_that_is_not_there_when_it_is_named_then_that_is_a_fault(
    tmp_path: Path,
) -> None:
    with pytest.raises(SettingsInvalid, match="no such file or directory"):
        load(secret_file=str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("http://127.0.0.1:4318", "http://127.0.0.1:4318/v1/traces"),
        ("https://traces.example/", "https://traces.example/v1/traces"),
        ("https://traces.example/otlp/v1/traces", "https://traces.example/otlp/v1/traces"),
    ],
)
def test_given_a_collector_when_it_is_read_then_the_usual_path_is_added(
    written: str, read: str
) -> None:
    assert load(otel__endpoint=written).otel.endpoint == read


@pytest.mark.parametrize("written", ["127.0.0.1:4318", "grpc://host", "http://me:pw@host", "http:"])
def test_given_no_collector_when_it_is_read_then_the_form_is_named(written: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"otel\.endpoint: must be a URL such as"):
        load(otel__endpoint=written)


@pytest.mark.parametrize(
    ("sinks", "said"),
    [
        ("syslog", r'must hold "stdout", "file:/full/path"'),
        ("stdout,stdout", "must name each sink once"),
        ("file:/no/such/folder/audit.jsonl", "names a folder that cannot be written to"),
        ("file:audit.jsonl", "must name the file by its full path"),
    ],
)
def test_given_audit_sinks_that_cannot_be_used_when_they_are_read_then_it_is_said_why(
    sinks: str, said: str
) -> None:
    with pytest.raises(SettingsInvalid, match=rf"audit\.sinks: .*{said}"):
        load(audit__sinks=sinks)


def test_given_audit_sinks_when_they_are_read_then_each_is_one_value(tmp_path: Path) -> None:
    sinks = load(audit__sinks=f"stdout, file:{tmp_path}/a.jsonl syslog+tls://logs:6514").audit.sinks

    assert [sink.form for sink in sinks] == ["stdout", "file", "syslog"]
    with pytest.raises(SettingsInvalid, match=r"audit\.syslog-ca: is only for"):
        load(audit__syslog_ca=__file__, audit__sinks="stdout")


def test_given_networks_for_webhooks_when_they_are_read_then_they_are_values_or_a_fault() -> None:
    networks = load(webhooks__allow_private="10.0.0.0/8, fd00::/8").webhooks.allow_private

    assert networks == (ip_network("10.0.0.0/8"), ip_network("fd00::/8"))
    with pytest.raises(SettingsInvalid, match=r"webhooks\.allow-private: must hold networks"):
        load(webhooks__allow_private="localhost")


def test_given_where_we_listen_when_the_local_address_is_asked_then_a_browser_can_use_it() -> None:
    assert local_url(TcpAddress("0.0.0.0", 80), tls=False) == "http://localhost"
    assert local_url(TcpAddress("::", 8443), tls=True) == "https://localhost:8443"
    assert local_url(UnixAddress("/run/x"), tls=False) == "http://localhost"

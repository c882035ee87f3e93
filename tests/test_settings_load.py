"""Layers of settings: which wins, and that every fault is told at once with its place."""

from pathlib import Path

import pytest

from sidecar.core.address import TcpAddress
from sidecar.settings_load import SettingsInvalid, load_settings


def a_config(folder: Path, text: str) -> Path:
    path = folder / "sidecar.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults_in(config: Path | None, environ: dict[str, str], flags: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(config, environ, flags)
    return [str(fault) for fault in refused.value.faults]


def test_given_all_layers_when_they_are_merged_then_the_later_wins_key_by_key(
    tmp_path: Path,
) -> None:
    config = a_config(
        tmp_path,
        'listen = "a:1"\nworkers = 2\nmount = "/m"\n[redis]\nprefix = "x"\ndeadline = "1s"',
    )
    environ = {"SIDECAR_LISTEN": "b:2", "SIDECAR_REDIS__PREFIX": "y", "SIDECAR_WORKERS": "3"}

    settings = load_settings(config, environ, {"listen": "c:3"})

    assert settings.listen == TcpAddress("c", 3)
    assert settings.workers == 3
    assert settings.mount == "/m"
    assert settings.redis.prefix == "y"
    assert settings.redis.deadline.total_seconds() == 1


def test_given_faults_in_every_layer_when_it_is_read_then_all_are_told_with_their_place(
    tmp_path: Path,
) -> None:
    config = a_config(
        tmp_path,
        'listen = "x"\nupstraem = "y"\n[redis]\nurl = 7\n'
        '[identity.oidc]\nkind = "oidc"\nissuers = "z"',
    )
    environ = {"SIDECAR_WORKERS": "many", "SIDECAR_REDIS__URI": "x", "SIDECAR_TLS": "x"}

    faults = faults_in(config, environ, {"mount": "no", "log.level": "loud", "nothing": "x"})

    report = "\n".join(faults)
    assert f"{config}: listen: must be " in report
    assert f"{config}: upstraem: unknown key; did you mean upstream?" in report
    assert f"{config}: redis.url: must be " in report
    assert f"{config}: identity.oidc.issuers: unknown key; did you mean issuer?" in report
    assert f"{config}: identity.oidc.client_id: is missing" in report
    assert "$SIDECAR_WORKERS: must be a whole number from 1 to 256" in report
    assert "$SIDECAR_REDIS__URI: unknown key" in report
    assert "$SIDECAR_TLS: is a table" in report
    assert "--mount: must be a path" in report
    assert "--log.level: must be 'debug', 'info', 'warning' or 'error'" in report
    assert "--nothing: unknown key (accepted here: " in report
    assert len(faults) == 12


def test_given_several_faults_when_they_are_told_then_each_has_a_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid) as refused:
        load_settings(None, {}, {"workers": "0", "mount": "x"})

    assert len(str(refused.value).splitlines()) == 3


def test_given_a_fault_and_a_contradiction_when_it_is_read_then_both_are_told() -> None:
    flags = {"workers": "0", "account_path": "/_sidecar/x", "upstream_options.server_name": "x"}

    faults = faults_in(None, {}, flags)

    assert [fault.partition(":")[0] for fault in faults] == [
        "--workers",
        "--upstream-options.server-name",
        "--account-path",
    ]


def test_given_a_wrong_value_when_another_depends_on_it_then_only_the_cause_is_told() -> None:
    faults = faults_in(None, {}, {"redis.url": "nonsense", "redis.partitions": "4"})

    assert [fault.partition(":")[0] for fault in faults] == ["--redis.url"]


@pytest.mark.parametrize(
    ("flags", "fault"),
    [
        ({"tls.certificate": __file__}, "tls.key: is missing"),
        ({"tls.key": __file__}, "tls.certificate: is missing"),
        ({"listen": "a:1", "ops.listen": "a:1"}, "ops.listen: is the same address"),
        ({"redis.partitions": "2"}, "redis.partitions: must be 1"),
        (
            {"upstream": "http://a", "upstream_options.ca": __file__},
            "--upstream-options.ca: is only",
        ),
        ({"account_path": "/_sidecar"}, "--account-path: must lie outside"),
    ],
)
def test_given_values_that_do_not_go_together_when_they_are_read_then_that_is_a_fault(
    flags: dict[str, str], fault: str
) -> None:
    (found,) = faults_in(None, {}, flags)

    assert fault in found


def test_given_no_toml_when_it_is_read_then_the_place_and_line_are_told(tmp_path: Path) -> None:
    (fault,) = faults_in(a_config(tmp_path, "listen = \nx"), {}, {})

    assert fault.startswith(f"{tmp_path}/sidecar.toml: is not TOML: ")
    assert "line 1" in fault


def test_given_no_file_when_it_is_named_then_that_is_told(tmp_path: Path) -> None:
    (fault,) = faults_in(tmp_path / "none.toml", {}, {})

    assert fault == f"{tmp_path}/none.toml: cannot be read: no such file or directory"


def test_given_a_relative_path_when_it_stands_in_a_file_then_it_counts_from_its_folder(
    tmp_path: Path,
) -> None:
    (tmp_path / "cert.pem").touch()
    config = a_config(
        tmp_path, 'state_dir = "state"\n[tls]\ncertificate = "cert.pem"\nkey = "cert.pem"'
    )

    settings = load_settings(config, {}, {})

    assert settings.state_dir == tmp_path / "state"
    assert settings.tls.certificate == tmp_path / "cert.pem"


def test_given_service_links_of_kubernetes_when_settings_are_read_then_they_are_no_settings() -> (
    None
):
    environ = {
        "SIDECAR_SERVICE_HOST": "10.0.0.1",
        "SIDECAR_SERVICE_PORT": "80",
        "SIDECAR_SERVICE_PORT_HTTP": "80",
        "SIDECAR_PORT": "tcp://10.0.0.1:80",
        "SIDECAR_PORT_80_TCP_ADDR": "10.0.0.1",
        "SIDECAR_OPS_SERVICE_HOST": "10.0.0.2",
    }

    assert load_settings(None, environ, {}) == load_settings(None, {}, {})

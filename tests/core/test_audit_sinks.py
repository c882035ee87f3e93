"""How a sink is written in the settings."""

import pytest

from sidecar.core.address import TcpAddress
from sidecar.core.audit_sinks import read_sink


@pytest.mark.parametrize(
    ("text", "form", "tls"),
    [
        ("stdout", "stdout", False),
        ("file:/var/log/audit.jsonl", "file", False),
        ("syslog+tcp://logs.example.com:1514", "syslog", False),
        ("syslog+tls://logs.example.com:6514", "syslog", True),
    ],
)
def test_given_a_sink_when_it_is_read_then_its_form_is_known(
    text: str, form: str, tls: bool
) -> None:
    sink = read_sink(text)

    assert (sink.form, sink.tls, str(sink)) == (form, tls, text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("syslog+tcp://logs", TcpAddress("logs", 601)),
        ("syslog+tls://[::1]", TcpAddress("::1", 6514)),
        ("syslog+tls://[2001:db8::1]:99", TcpAddress("2001:db8::1", 99)),
    ],
)
def test_given_a_receiver_of_syslog_then_the_usual_port_need_not_be_said(
    text: str, host: TcpAddress
) -> None:
    assert read_sink(text).host == host


@pytest.mark.parametrize(
    "text",
    ["", "stderr", "file:", "file:audit.jsonl", "file:/", "file:/a,b", "file:/a\n", "syslog://h:1"]
    + ["syslog+tcp://", "syslog+tcp://h:0", "syslog+tcp://h:99999", "syslog+tls://u@h:1"]
    + ["syslog+tcp://h:1/path", "https://h", "STDOUT"],
)
def test_given_no_sink_when_it_is_read_then_what_is_accepted_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        read_sink(text)

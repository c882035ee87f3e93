"""`sidecar audit prove` and `public-key`: a proof that somebody else can check, without a store."""

import json

import pytest

from sidecar.cli.main import main
from tests.cli.audited import Installation

Output = pytest.CaptureFixture[str]


def test_given_an_entry_when_its_proof_is_written_then_anybody_can_check_it(
    audit: Installation, capsys: Output
) -> None:
    ids = audit.seal(5)
    file, key = audit.config.with_name("proof.json"), audit.config.with_name("key.pem")
    key.write_text(audit("public-key")[1])

    assert audit("prove", ids[1], "--output", str(file))[0] == 0

    # Elsewhere, without any configuration.
    assert main(["audit", "prove", "--check", str(file), "--public-key", str(key)]) == 0
    assert capsys.readouterr().out.startswith(f"the entry {ids[1]} was sealed at ")
    document = audit.json("prove", "--check", str(file))
    assert (document["ok"], document["entryId"], document["seal"]) == (True, ids[1], 1)
    file.write_text(file.read_text().replace("spam", "none"))
    assert main(["audit", "prove", "--check", str(file)]) == 1
    assert "the entry is not the one that was sealed" in capsys.readouterr().out


def test_given_an_entry_then_its_proof_goes_to_stdout_where_no_file_is_named(
    audit: Installation,
) -> None:
    (entry_id,) = audit.seal(1)

    code, out = audit("prove", entry_id)

    assert code == 0
    assert json.loads(out)["entry"]["id"] == entry_id
    taken = json.loads(audit("tail", "-n", "1", "--json")[1])
    assert (taken["action"], taken["details"]) == (
        "audit.exported",
        {"format": "proof", "entry": entry_id},
    )


def test_given_what_cannot_be_proved_or_checked_then_it_is_one_line(audit: Installation) -> None:
    assert audit("public-key")[0] == 1
    assert "nothing has been sealed yet" in audit.error
    assert audit("prove", "1-0-00")[0] == 1
    audit.seal(1)

    assert audit("prove", "1-0-00")[0] == 1
    assert audit.error == "sidecar: no entry has that id\n"
    assert audit("prove", "one")[0] == 2
    assert audit("prove")[0] == 2
    assert audit("prove", "--check", str(audit.config))[0] == 1
    assert "holds no proof of an audit entry" in audit.error
    assert audit("prove", "--check", "/none/there")[0] == 1
    assert audit.json("public-key")["publicKey"].startswith("-----BEGIN PUBLIC KEY-----")

"""`sidecar audit verify`: exit 0 for a log as it was sealed, else 1, and its first fault."""

import pytest

from sidecar.cli import audit_verify
from sidecar.core.audit_seal import Breach, Finding
from tests.cli.audited import Installation
from tests.store.sealing import Log


def test_given_a_log_as_it_was_sealed_then_it_is_true(audit: Installation) -> None:
    audit.seal(4, 2)

    code, out = audit("verify")

    assert (code, audit.error) == (0, "")
    assert out.startswith("6 entries under 2 seals are as they were sealed; the last is seal 2 of ")
    document = audit.json("verify")
    assert document["ok"] is True
    assert (document["entries"], document["lastSeal"], document["remembered"]) == (6, 2, 2)
    assert document["finding"] is None


def test_given_nothing_sealed_then_it_says_so(audit: Installation) -> None:
    assert audit("verify") == (0, "nothing is sealed yet: 0 entries not sealed\n")

    code, out = audit("verify", "--at-least", "1234")
    assert code == 1
    assert out == "NOT TRUE: seals were cut off at the end: 1 is the first that is missing\n"
    document = audit.json("verify", "--at-least", "1")
    assert (document["ok"], document["finding"]["breach"]) == (False, Breach.SEALS_CUT_OFF)
    assert audit.json("verify")["finding"] is None


def test_given_an_entry_that_was_changed_by_hand_then_it_is_named(audit: Installation) -> None:
    ids = audit.seal(4, 2)

    async def change(log: Log) -> None:
        await log.change(ids[1], r="other")

    audit.with_log(change)

    code, out = audit("verify")
    assert code == 1
    said = f"NOT TRUE: the entry {ids[1]} was changed (seal 1)"
    assert out == f"{said}; 0 entries before it as sealed\n"
    document = audit.json("verify")
    assert document["ok"] is False
    assert document["finding"] == {
        "breach": "changed",
        "seal": 1,
        "entryId": ids[1],
        "said": f"the entry {ids[1]} was changed (seal 1)",
    }


def test_given_seals_cut_off_then_the_state_folder_or_the_metrics_number_tells(
    audit: Installation,
) -> None:
    audit.seal(2, 2, 2)

    async def cut(log: Log) -> None:
        await log.rig.database.command("XDEL", log.rig.keys.audit_seals, "3-0")

    audit.with_log(cut)
    assert audit("verify")[0] == 1
    (audit.state_dir / "audit-seal.json").unlink()

    code, out = audit("verify")
    assert code == 0
    assert "2 entries not sealed yet; no state folder here remembers" in out
    assert audit("verify", "--at-least", "2")[0] == 0
    code, out = audit("verify", "--at-least", "3")
    assert code == 1
    assert "seals were cut off at the end: 3 is the first that is missing" in out


def test_given_a_public_key_then_only_its_seals_count(audit: Installation) -> None:
    audit.seal(3)
    mine, other = audit.config.with_name("mine.pem"), audit.config.with_name("other.pem")
    mine.write_text(audit("public-key")[1])
    other.write_text(
        "-----BEGIN PUBLIC KEY-----\n"
        "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n"
        "-----END PUBLIC KEY-----\n"
    )

    assert audit("verify", "--public-key", str(mine))[0] == 0
    code, out = audit("verify", "--public-key", str(other))
    assert code == 1
    assert "seal 1 was signed with another key" in out
    assert audit("verify", "--public-key", str(audit.config))[0] == 1
    assert "holds no public key" in audit.error


def test_given_a_bad_instant_or_a_broken_note_then_it_is_one_line(audit: Installation) -> None:
    audit.seal(1)
    assert audit("verify", "--since", "2020-01-01T00:00:00Z")[0] == 0
    assert audit("verify", "--since", "then")[0] == 2
    (audit.state_dir / "audit-seal.json").write_text("{}")

    assert audit("verify")[0] == 1
    assert "audit-seal.json does not say which seal was the newest" in audit.error


@pytest.mark.parametrize("breach", Breach)
def test_given_any_finding_then_there_are_words_for_it(breach: Breach) -> None:
    sentence = audit_verify.said(Finding(breach, 7, "1-0-00"))

    assert "1-0-00" in sentence or "7" in sentence


def test_given_a_terminal_then_it_shows_how_far_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    told, over = audit_verify._progress(200)

    told(100)
    over()

    shown = capsys.readouterr().err
    assert f"[{'#' * 15}{' ' * 15}]  50%  100 entries" in shown

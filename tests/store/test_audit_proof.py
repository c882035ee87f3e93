"""The proof of one entry: good without a store, and only for what was sealed."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from sidecar.store import audit_sealer
from sidecar.store.audit_key import AuditKey
from sidecar.store.audit_proof import AuditProof, NoProof, prove, read_proof, write_proof
from sidecar.store.streams import StreamId
from tests.store.rig import Rig
from tests.store.sealing import Log


def written(proof: AuditProof) -> bytes:
    return json.dumps(write_proof(proof)).encode()


async def test_given_any_entry_then_its_proof_is_good_by_itself(
    rig: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_sealer, "STARTS_EVERY", 2)
    log = Log(rig, tmp_path)
    ids = await log.seal(1, 6, 11, 3, people=8)
    key = await log.key()

    for each in ids:
        proof = await prove(rig.database, StreamId.parse(each), key)
        again = read_proof(written(proof))
        assert again == proof
        assert again.problem() == again.problem(key) == ""


async def test_given_a_proof_that_was_altered_then_it_says_what_is_wrong(
    rig: Rig, tmp_path: Path
) -> None:
    log = Log(rig, tmp_path)
    ids = await log.seal(5)
    key, other = await log.key(), AuditKey(b"o" * 32)
    proof = await prove(rig.database, StreamId.parse(ids[2]), key)

    altered = {
        "not the one": [
            replace(proof, body=proof.body.replace(b"spam", b"none")),
            replace(proof, path=proof.path[:-1]),
            replace(proof, index=1),
            replace(proof, entry_id=ids[3]),
        ],
        "does not cover": [
            replace(proof, count=6),
            replace(proof, entry_id="9999999999999-0-00"),
        ],
        "signature": [
            replace(proof, seal=proof.seal.replace(b'"n":1', b'"n":2')),
            replace(proof, signature=other.sign(proof.seal)),
            replace(proof, key=other.public),
        ],
        "it holds": [replace(proof, seal=b"{}"), replace(proof, entry_id="none")],
    }

    for problem, proofs in altered.items():
        for each in proofs:
            assert problem in each.problem()
    forged = replace(proof, signature=other.sign(proof.seal), key=other.public)
    assert forged.problem() == ""
    assert "another key" in forged.problem(key)


async def test_given_an_entry_without_a_proof_then_it_says_why(rig: Rig, tmp_path: Path) -> None:
    log = Log(rig, tmp_path)
    (early,) = await log.write(1)
    key = await log.key()
    with pytest.raises(NoProof, match="nothing is sealed"):
        await prove(rig.database, StreamId.parse(early), key)
    ids = await log.seal(3)
    (late,) = await log.write(1)

    with pytest.raises(NoProof, match="not sealed yet"):
        await prove(rig.database, StreamId.parse(late), key)
    for unknown in ("1-0-00", "0-0-00", "5-7-00", "1-0-99"):
        with pytest.raises(NoProof, match="no entry"):
            await prove(rig.database, StreamId.parse(unknown), key)
    await log.change(ids[0], r="none")
    with pytest.raises(NoProof, match="proves nothing"):
        await prove(rig.database, StreamId.parse(ids[0]), key)


@pytest.mark.parametrize("text", [b"", b"{}", b"[]", b'{"form": "other"}', b"\xff"])
def test_given_what_is_no_proof_then_it_is_a_value_error(text: bytes) -> None:
    with pytest.raises(ValueError, match="no proof"):
        read_proof(text)

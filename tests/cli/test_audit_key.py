"""Whose seals count: the key that was named, or remembered, or is in the store."""

from tests.cli.audited import Installation
from tests.store.sealing import Log


def test_given_a_key_that_was_replaced_in_the_store_then_the_remembered_one_counts(
    audit: Installation,
) -> None:
    audit.seal(2)

    async def replaced(log: Log) -> None:
        await log.rig.database.command("DEL", log.rig.keys.audit_key)
        await log.rig.database.command("DEL", log.rig.keys.audit_seals)
        await log.rig.database.command("DEL", log.rig.keys.lease("sealer"))
        await log.seal(1)

    audit.with_log(replaced)

    code, out = audit("verify")
    assert code == 1
    assert "seal 1 was signed with another key" in out


def test_given_another_secret_then_it_is_one_line_that_says_so(audit: Installation) -> None:
    audit.seal(1)
    (audit.state_dir / "audit-seal.json").unlink()
    (audit.state_dir / "secret").write_text("t" * 64)

    assert audit("verify")[0] == 1
    assert "give the secret_file that was used first" in audit.error
    (audit.state_dir / "secret").unlink()
    assert audit("public-key")[0] == 1
    assert "cannot read the secret file" in audit.error

"""The tokens of SCIM, and what is no file of them."""

from pathlib import Path

import pytest

from sidecar.scim_tokens import tokens_of
from sidecar.settings_load import SettingsInvalid, load_settings

GOOD = "a-token-that-is-long-enough-to-be-one"


def test_given_one_token_or_two_then_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text(f"{GOOD}\n\n{GOOD}2\n")

    assert tokens_of(path) == (GOOD, f"{GOOD}2")


@pytest.mark.parametrize(
    "text", ["", "short", f"{GOOD}\n" * 3, f"{GOOD} {GOOD}", f"sst_{GOOD}", "ü" * 40]
)
def test_given_anything_else_then_the_settings_are_refused_and_nothing_is_repeated(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "token"
    path.write_text(text)

    with pytest.raises(SettingsInvalid) as refused:
        load_settings(None, {}, {"scim.token_file": str(path)})

    (fault,) = refused.value.faults
    assert fault.key == "scim.token_file"
    assert not text or text not in str(refused.value)

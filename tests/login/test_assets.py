import hashlib

import pytest

from sidecar.login.assets import load_assets, ui_folder


def test_given_the_files_of_the_ui_then_each_has_an_address_that_names_its_bytes() -> None:
    assets = load_assets("/_sidecar")

    for name in ("tokens.css", "signin.css", "signin.js", "icon.svg"):
        asset = assets.get(name)
        assert asset is not None
        assert asset.body == (ui_folder() / name).read_bytes()
        assert asset.digest == hashlib.sha256(asset.body).hexdigest()[:16]
        assert assets.url(name) == f"/_sidecar/assets/{asset.digest}/{name}"


@pytest.mark.parametrize("name", ["../pyproject.toml", "README.md", "", ".", "signin.css/"])
def test_given_a_name_that_is_no_file_of_ours_then_there_is_nothing(name: str) -> None:
    assets = load_assets("/_sidecar")

    assert assets.get(name) is None
    with pytest.raises(KeyError):
        assets.url(name)


def test_given_the_style_sheets_then_nothing_is_loaded_from_elsewhere() -> None:
    assets = load_assets("/_sidecar")

    for name in ("tokens.css", "signin.css"):
        asset = assets.get(name)
        assert asset is not None
        assert b"url(" not in asset.body
        assert b"@import" not in asset.body

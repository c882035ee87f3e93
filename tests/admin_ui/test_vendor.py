"""What others wrote: exactly what was looked at, with its licence beside it."""

import hashlib
import json

from tests.admin_ui.source import UI

VENDOR = UI / "vendor"
PACKAGES = json.loads((VENDOR / "vendor.json").read_text("utf-8"))["packages"]


def test_given_the_list_then_it_names_every_file_that_is_there():
    listed = {file for package in PACKAGES.values() for file in package["files"]}

    assert listed | {"vendor.json"} == {path.name for path in VENDOR.iterdir()}


def test_given_each_file_then_it_has_the_checksum_of_the_list():
    found = {
        file: hashlib.sha256((VENDOR / file).read_bytes()).hexdigest()
        for package in PACKAGES.values()
        for file in package["files"]
    }

    assert found == {
        file: checksum
        for package in PACKAGES.values()
        for file, checksum in package["files"].items()
    }


def test_given_each_package_then_its_version_licence_and_origin_are_known():
    for name, package in PACKAGES.items():
        assert package["version"].count(".") == 2
        assert package["integrity"].startswith("sha512-")
        assert package["licence"] in {"BSD-3-Clause", "MIT"}
        assert f"{name}.LICENSE.txt" in package["files"]

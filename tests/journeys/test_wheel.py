"""An installed wheel works where there is no checkout: its templates, scripts and policy travel."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from sidecar import __version__

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", str(folder)], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def command(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into a new environment; return its command `sidecar`.

    The packages that it needs are lent by the environment of this test: they are the locked ones.
    A path file lends no path files, so this checkout, installed there as editable, is not lent.
    """
    home = tmp_path_factory.mktemp("installed")
    python = home / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    packages = sysconfig.get_path("purelib", vars={"base": str(home), "platbase": str(home)})
    Path(packages, "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index"]
    subprocess.run([*install, "--no-deps", str(wheel)], check=True, capture_output=True)
    return home / "bin" / "sidecar"


def run(command: Path, *words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the command in an empty folder, with an environment that tells it nothing."""
    environ = {"HOME": str(folder), "PATH": os.defpath, "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(command), *words], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )


def test_given_the_wheel_when_its_names_are_read_then_every_file_of_the_product_is_there(
    wheel: Path,
):
    package = {path.relative_to(ROOT) for path in (ROOT / "sidecar").rglob("*") if path.is_file()}
    pages = {path.relative_to(ROOT) for path in (ROOT / "admin_ui").rglob("*") if path.is_file()}
    expected = {str(path) for path in package if path.suffix != ".pyc"}
    expected |= {f"sidecar/data/{path}" for path in (*pages, "policies/default.toml")}

    with ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if name.startswith("sidecar/")}

    assert packed == expected


def test_given_an_installed_wheel_when_it_is_asked_for_its_version_then_it_says_it(
    command: Path, tmp_path: Path
):
    done = run(command, "--version", folder=tmp_path)

    assert (done.returncode, done.stdout.strip()) == (0, f"sidecar {__version__}")


def test_given_an_installed_wheel_and_no_file_when_it_checks_then_its_own_policy_is_right(
    command: Path, tmp_path: Path
):
    done = run(command, "check", "--upstream", "http://app", folder=tmp_path)

    assert (done.returncode, done.stderr) == (0, "")


def test_given_an_installed_wheel_when_its_code_is_looked_up_then_it_is_not_this_checkout(
    command: Path, tmp_path: Path
):
    python = command.with_name("python")

    done = run(python, "-c", "import sidecar; print(sidecar.__file__)", folder=tmp_path)

    assert done.stdout.startswith(str(command.parents[1]))

"""Where the policy is: which file is the default one, and which files make up a folder."""

from pathlib import Path


def default_policy_file() -> Path:
    """Return the policy that comes with the product: of the installed wheel, or of the checkout."""
    package = Path(__file__).parent
    installed = package / "data" / "policies" / "default.toml"
    return installed if installed.is_file() else package.parent / "policies" / "default.toml"


def policy_files(path: Path) -> list[Path]:
    """Return the files that the policy at `path` consists of. Raises OSError."""
    if not path.is_dir():
        return [path]
    return sorted(file for file in path.iterdir() if file.suffix == ".toml" and file.is_file())

"""What the product imports is declared, and what is declared is locked, with hashes, once."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions

from tests.rules.source import ROOT, imports, package_modules, report

EXTRAS = ("geoip", "ldap", "otel")
PIN = re.compile(r"^([a-z0-9-]+)==([^ ;\\]+)")


def canonical(name: str) -> str:
    """`Jinja2` and `prometheus_client` as package indexes know them."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(*extras: str) -> set[str]:
    """Return what the product asks for, and what it asks for with these extras."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    optional = project["optional-dependencies"]
    lines = [*project["dependencies"], *(line for extra in extras for line in optional[extra])]
    return {canonical(re.split(r"[^A-Za-z0-9._-]", line)[0]) for line in lines}


def undeclared(names: set[str], distributions: dict[str, list[str]], known: set[str]) -> list[str]:
    """Return the imported top-level names that no declared dependency brings."""
    return sorted(
        name
        for name in names - sys.stdlib_module_names - {"sidecar"}
        if not known & {canonical(dist) for dist in distributions.get(name, [])}
    )


def pins(text: str) -> dict[str, str]:
    """Return name to version of a lock file."""
    matches = (PIN.match(line) for line in text.splitlines())
    return {match[1]: match[2] for match in matches if match}


def unhashed(text: str) -> list[str]:
    """Return the pins that are not followed by a hash, which pip would refuse."""
    lines = text.splitlines()
    return [
        line
        for line, following in zip(lines, [*lines[1:], ""], strict=True)
        if PIN.match(line) and "--hash=sha256:" not in following
    ]


def lock(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def test_given_the_product_when_its_imports_are_read_then_each_package_is_declared():
    trees = package_modules().values()
    names = {name.split(".")[0] for tree in trees for name, _ in imports(tree)}

    found = undeclared(names, dict(packages_distributions()), declared(*EXTRAS))

    assert not found, report(found)


def test_given_the_lock_files_when_they_are_read_then_they_agree_and_name_no_index():
    running, developing = lock("requirements.lock"), lock("requirements-dev.lock")

    assert pins(running).items() <= pins(developing).items()
    assert declared() <= pins(running).keys()
    assert not (declared(*EXTRAS) - declared()) & pins(running).keys()
    assert declared(*EXTRAS) <= pins(developing).keys()
    assert not unhashed(running) + unhashed(developing)
    assert "://" not in running + developing


def test_given_an_import_of_nobody_when_it_is_looked_up_then_it_is_found():
    brings = {"jinja2": ["Jinja2"], "pytest": ["pytest"], "attr": ["attrs"]}

    found = undeclared({"os", "sidecar", "jinja2", "pytest", "ghost"}, brings, {"jinja2"})

    assert found == ["ghost", "pytest"]


def test_given_a_pin_without_hash_when_it_is_read_then_it_is_found():
    text = "one==1.0 ; python_version < '3'\ntwo==2.0 \\\n    --hash=sha256:00\n"

    assert pins(text) == {"one": "1.0", "two": "2.0"}
    assert unhashed(text) == ["one==1.0 ; python_version < '3'"]

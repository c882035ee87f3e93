"""What is shipped for Prometheus and Grafana fits the product, and the rules do what they say."""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from sidecar.cli.main import _parser
from sidecar.core.alarms import SEVERITIES
from sidecar.core.policy import ALARMS
from sidecar.observe.families import FAMILIES
from tests.rules.source import ROOT

PROMETHEUS = ROOT / "deploy" / "prometheus"
RUNBOOKS = ROOT / "deploy" / "runbooks"
DASHBOARD = ROOT / "deploy" / "grafana" / "sidecar.json"
METRIC = re.compile(r"(?<![\w:])sidecar_[a-z_]+(?![\w:(*])")
COMMAND = re.compile(r"^sidecar .*|`(sidecar [a-z][^`]*)`", re.MULTILINE)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which(str(command[0]))
    assert program, f"{command[0]} is not here: .ci/needs test"
    return subprocess.run(
        [program, *command[1:]], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )


def alerts() -> list[dict[str, Any]]:
    groups = yaml.safe_load((PROMETHEUS / "rules" / "alerts.yml").read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def samples() -> set[str]:
    """Return the name of every sample that the product can have."""
    names = {"sidecar_build_info"}
    for family in FAMILIES:
        parts = ("_bucket", "_sum", "_count") if family.kind == "histogram" else ("",)
        names |= {family.name + part for part in parts}
    return names


def queries() -> Iterator[tuple[str, str]]:
    """Yield the title and each query of the dashboard's panels."""
    for panel in json.loads(DASHBOARD.read_text("utf-8"))["panels"]:
        for target in panel.get("targets", ()):
            yield panel["title"], target["expr"]


@pytest.mark.parametrize(
    "command",
    [
        ("promtool", "check", "config", "prometheus.yml"),
        ("promtool", "check", "rules", "rules/alerts.yml", "rules/recording.yml"),
        ("promtool", "test", "rules", "tests/alerts.yml"),
        ("amtool", "check-config", "alertmanager.yml"),
    ],
)
def test_given_what_is_shipped_when_prometheus_own_tools_look_at_it_then_it_is_right(
    command: tuple[str, ...],
) -> None:
    done = run(*command)

    assert done.returncode == 0, done.stdout + done.stderr


def test_given_a_wrong_expectation_when_the_rules_are_tested_then_that_is_found(
    tmp_path: Path,
) -> None:
    cases = (PROMETHEUS / "tests" / "alerts.yml").read_text("utf-8")
    wrong = cases.replace("../rules", f"{PROMETHEUS}/rules").replace("SidecarDeadToken", "Other")
    (tmp_path / "alerts.yml").write_text(wrong, encoding="utf-8")

    done = run("promtool", "test", "rules", tmp_path / "alerts.yml")

    assert done.returncode != 0
    assert "SidecarDeadToken" in done.stdout + done.stderr


def test_given_every_kind_of_alarm_when_the_alerts_are_read_then_each_is_as_grave_there() -> None:
    kinds = {
        found[1]: rule["labels"]["severity"]
        for rule in alerts()
        if (found := re.search(r'sidecar_alarms_active\{kind="(\w+)"\}', rule["expr"]))
    }

    assert kinds == SEVERITIES
    assert kinds.keys() == ALARMS.keys()


def test_given_the_alerts_when_they_are_read_then_each_has_a_case_in_which_it_fires() -> None:
    cases = (PROMETHEUS / "tests" / "alerts.yml").read_text("utf-8")

    missing = [rule["alert"] for rule in alerts() if f'alertname="{rule["alert"]}"' not in cases]

    assert not missing


def test_given_the_alerts_when_they_are_read_then_each_has_its_runbook_and_none_is_left_over() -> (
    None
):
    linked = {rule["annotations"]["runbook_url"] for rule in alerts()}

    there = {f"deploy/runbooks/{path.name}" for path in RUNBOOKS.glob("*.md")}

    assert linked == there - {"deploy/runbooks/README.md"}


def test_given_the_runbooks_when_the_list_is_read_then_each_is_in_it() -> None:
    text = (RUNBOOKS / "README.md").read_text("utf-8")

    missing = [path.name for path in RUNBOOKS.glob("*.md") if f"({path.name})" not in text]

    assert missing == ["README.md"]


@pytest.mark.parametrize("path", sorted(RUNBOOKS.glob("*.md")), ids=lambda path: path.stem)
def test_given_a_runbook_when_its_commands_are_read_then_the_product_knows_each(path: Path) -> None:
    text = path.read_text("utf-8")
    parts = [part for part in ("What it means", "How to see it", "What to do") if part in text]
    links = re.findall(r"\]\(([\w.-]+\.md)\)", text)

    for found in COMMAND.finditer(text):
        words = shlex.split((found[1] or found[0]).replace("…", "1"), comments=True)
        if words[1:] != ["run"]:  # raises for a word or an option that there is not
            _parser(words).parse_args(words[1:])

    assert len(parts) == 3 or path.name == "README.md"
    assert all((RUNBOOKS / link).is_file() for link in links)


@pytest.mark.parametrize(
    "path",
    [*sorted((PROMETHEUS / "rules").glob("*.yml")), DASHBOARD],
    ids=lambda path: path.name,
)
def test_given_names_of_metrics_when_they_are_asked_for_then_the_product_has_each(
    path: Path,
) -> None:
    named = set(METRIC.findall(path.read_text("utf-8")))

    assert named
    assert named <= samples()


def test_given_a_runbook_when_it_looks_for_metrics_then_there_are_some_that_begin_so() -> None:
    texts = [path.read_text("utf-8") for path in RUNBOOKS.glob("*.md")]
    named = {name for text in texts for name in METRIC.findall(text)}

    lost = {name for name in named if not any(sample.startswith(name) for sample in samples())}

    assert not lost


def test_given_the_contract_when_the_dashboard_is_read_then_it_shows_every_metric() -> None:
    text = "\n".join(query for _, query in queries())

    unseen = [family.name for family in FAMILIES if family.name not in text]

    assert not unseen


def test_given_the_dashboard_when_its_panels_are_laid_out_then_none_hides_another() -> None:
    panels = json.loads(DASHBOARD.read_text("utf-8"))["panels"]
    taken = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]

    assert len(taken) == len(set(taken))
    assert max(x for x, _ in taken) < 24
    assert len({panel["id"] for panel in panels}) == len(panels)

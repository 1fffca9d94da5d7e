"""Every alert can fire, and says what to do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.unit.monitoring.figures import NOT_OURS, asked_for, exported

ROOT = Path(__file__).parents[3]
MONITORING = ROOT / "deploy/monitoring"
RUNBOOK = ROOT / "docs/runbook.md"
PARTS = ("What it means.", "What users see.", "Look.", "Do.", "Over when")


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load((MONITORING / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def sections() -> dict[str, str]:
    """The runbook's sections about alarms: the third level, by heading."""
    alarms = RUNBOOK.read_text().partition("\n## Alarms\n")[2].partition("\n## ")[0]
    parts = re.split(r"^### (.+)$", alarms, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


each_rule = pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])


@each_rule
async def test_an_alert_asks_for_figures_that_exist(rule: dict[str, Any]) -> None:
    wanted = asked_for(rule["expr"])
    assert wanted
    assert wanted <= await exported() | NOT_OURS


@each_rule
def test_an_alert_says_how_urgent_it_is_what_is_wrong_and_where_to_read_on(
    rule: dict[str, Any],
) -> None:
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert rule["annotations"]["summary"]
    assert rule["annotations"]["runbook"] == f"docs/runbook.md#{rule['alert'].lower()}"


def test_every_alert_has_its_section_and_every_section_its_alert() -> None:
    assert list(sections()) == [rule["alert"] for rule in rules()]


@pytest.mark.parametrize(("name", "text"), list(sections().items()), ids=list(sections()))
def test_a_section_answers_what_one_asks_at_night(name: str, text: str) -> None:
    assert [part for part in PARTS if f"**{part}" not in text] == []


def test_nothing_is_listed_as_foreign_that_no_alert_asks_for() -> None:
    assert set.union(*(asked_for(rule["expr"]) for rule in rules())) >= NOT_OURS


def test_everything_that_alerts_need_is_scraped() -> None:
    scraped = yaml.safe_load((MONITORING / "prometheus.yaml").read_text())
    assert scraped["rule_files"] == ["alerts.yaml"]
    jobs = {job["job_name"] for job in scraped["scrape_configs"]}
    assert jobs == {
        "darkroom-api",
        "darkroom-generator",
        "darkroom-notifier",
        "rabbitmq",
        "rabbitmq-queues",
    }


def test_names_are_found_in_an_expression() -> None:
    expression = (
        'sum by (queue, le) (rate(a_total{b="c",d=~"e f"}[5m])) > 0.5 * max(g_h) '
        "or i unless j offset 15m and on () group_left () k"
    )
    assert asked_for(expression) == {"a_total", "g_h", "i", "j", "k"}

"""The report of a run in its lasting forms: JSON for programs, Markdown for people."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.chaos.orders import Json

_CLUSTER = (
    "RabbitMQ is a cluster of private nodes on this machine: quorum queues that were declared "
    "when all nodes had joined, so with a replica on each. Services reach it through their "
    "proxies, which connect to any node that answers, as a load balancer does. One node at a time "
    "is killed (kill -9), and the next only when all replicas are online again."
)


def write_report(folder: Path, summary: Json, where: Mapping[str, list[str]]) -> None:
    """`report.json` and `report.md`; `where`: log lines that speak of what was violated."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(summary, indent=1) + "\n")
    (folder / "report.md").write_text("\n".join(markdown(summary, where)) + "\n")


def markdown(summary: Json, where: Mapping[str, list[str]]) -> list[str]:
    """The lines of the report."""
    return [
        f"# Chaos run, seed {summary['seed']}: {verdict(summary)}",
        "",
        f"Repeat it with `{summary['command']}`.",
        "",
        *_about(summary),
        *([_CLUSTER, ""] if summary["processes"]["rabbitmq"] > 1 else []),
        *_section("Invariants", ("promise", "broken"), _invariants(summary)),
        *_violations(summary, where),
        *_section("Jobs", ("what", "how many"), _flat(summary["jobs"])),
        *_section(
            "Events, as an independent listener heard them",
            ("what", "how many"),
            _flat(summary["events"]),
        ),
        *_section("Other listeners", ("what", "how many"), _flat(summary["listeners"])),
        *_section("Jobs in doubt", ("what", "how many"), _flat(summary["doubts"])),
        *_section("Attempts", ("what", "how many"), _flat(summary["attempts"])),
        *_section("Faults", ("kind", "how many"), summary["faults"]["by_kind"].items()),
        *[f"Skipped: {kind}: {why}." for kind, why in summary["faults"]["skipped"].items()],
        *_recovery(summary["recovery"]),
        *_section(
            "What the services called an error in their logs",
            ("service and event", "how often"),
            summary["errors_logged"].items(),
        ),
    ]


def verdict(summary: Json) -> str:
    """In a few words."""
    broken = summary["broken"]
    return "everything held" if not broken else f"{broken} violations"


def _about(summary: Json) -> list[str]:
    machine, seconds = summary["machine"], summary["seconds"]
    versions = ", ".join(f"{name} {number}" for name, number in summary["versions"].items())
    processes = ", ".join(f"{count} {name}" for name, count in summary["processes"].items())
    settings = ", ".join(f"`{name}={value}`" for name, value in summary["settings"].items())
    return [
        (
            f"{summary['when']}; {machine['system']}, {machine['processors']} processors, "
            f"{machine['memory_gib']} GiB; {versions}."
        ),
        f"Processes: {processes}. Settings that differ from the defaults: {settings}.",
        (
            f"Start {seconds['start']} s, load and faults {seconds['load']} s, "
            f"rest {seconds['rest']} s."
        ),
        "",
    ]


def _invariants(summary: Json) -> list[tuple[str, Any]]:
    return [(name, count or "-") for name, count in summary["invariants"].items()]


def _violations(summary: Json, where: Mapping[str, list[str]]) -> list[str]:
    lines = []
    for name, found in summary["violations"].items():
        lines += [f"## Violated: {name}", ""]
        for one in found:
            lines.append(f"- {one}")
            lines += [f"  - `{line}`" for line in where.get(one, ())]
        lines.append("")
    return lines


def _recovery(recovery: Json) -> list[str]:
    last = recovery["after_the_last_fault"]
    rows = [
        (
            f"{one['began']} s",
            one["fault"],
            one["note"],
            _seconds(one["all_ready"]),
            _seconds(one["a_new_job_is_ready"]),
            "yes" if one["overlapped"] else "",
        )
        for one in recovery["after_each_fault"]
    ]
    away = ", ".join(f"{name} {s} s" for name, s in recovery["longest_without_any_ready"].items())
    refused = ", ".join(f"{why} x {n}" for why, n in recovery["tries_refused"].items())
    return [
        "## Recovery",
        "",
        (
            "From the end of a fault (a killed server's own restart belongs to the fault) until "
            "every process is ready, and until a job that is sent at that moment is ready."
        ),
        "",
        (
            f"After the last fault: all ready {_seconds(last['all_ready'])}, "
            f"a new job ready {_seconds(last['a_new_job_is_ready'])}, "
            f"the last accepted job final {_seconds(last['the_last_job_is_final'])}."
        ),
        "",
        (
            f"Longest time without any ready process: {away}. "
            f"Longest wait of a client for its promise: "
            f"{_seconds(recovery['longest_wait_for_a_promise'])}. "
            f"Tries that brought no promise: {refused or 'none'}."
        ),
        "",
        *_table(("at", "fault", "note", "all ready", "new job ready", "another fault in it"), rows),
    ]


def _section(title: str, head: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> list[str]:
    return [f"## {title}", "", *_table(head, rows)]


def _table(head: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> list[str]:
    columns = list(head)
    lines = [" | ".join(columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(str(cell) for cell in row) for row in rows]
    return [*(f"| {line} |" for line in lines), ""]


def _flat(figures: Json) -> list[tuple[str, Any]]:
    rows: list[tuple[str, Any]] = []
    for name, value in figures.items():
        words = name.replace("_", " ")
        if isinstance(value, dict):
            rows += [(f"{words}: {inner}", count) for inner, count in value.items()]
        else:
            rows.append((words, value))
    return rows


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"


def _reasons(why: list[str]) -> str:
    more = f" … {why[-1]}" if len(why) > 1 else ""
    return " ".join(f"{why[0]}{more}".replace("|", "/").split())

"""The report of a run for whoever watches: what held first, what was broken last."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from tests.chaos.orders import Json
from tests.chaos.report import verdict


def show(console: Console, summary: Json, where: Mapping[str, list[str]]) -> None:
    """Print it; violations come last, because that is what is looked for."""
    console.print()
    console.print(_figures(summary))
    console.print(_recovery(summary["recovery"]))
    console.print(_last(summary["recovery"]))
    console.print(_invariants(summary))
    for name, found in summary["violations"].items():
        console.print(f"\n[bold red]{name}[/]", highlight=False)
        for one in found[:20]:
            console.print(f"  {one}", markup=False, highlight=False)
            for line in where.get(one, ()):
                console.print(f"      {line}", markup=False, highlight=False, style="dim")
        if len(found) > 20:
            console.print(f"  and {len(found) - 20} more")
    colour = "red" if summary["broken"] else "green"
    console.print(f"\n[bold {colour}]{verdict(summary)}[/]  ({summary['command']})")


def _figures(summary: Json) -> Table:
    jobs, events, attempts = summary["jobs"], summary["events"], summary["attempts"]
    table = Table(show_header=False, box=None)
    rows = {
        "jobs accepted": f"{jobs['accepted']}: {_listed(jobs['by_door'])}",
        "their ends": _listed(jobs["by_final_state"]),
        "failed by": _listed(jobs["failed_by"]) or "-",
        "events": f"{events['ids']} ids in {events['deliveries']} deliveries; of the repeats "
        f"{events['republished_by_the_driver']} by the driver, "
        f"{events['redelivered_by_the_broker']} by the broker, "
        f"{events['said_twice_by_services']} by services",
        "final events": f"{events['final_events']}, "
        f"{events['jobs_with_two_final_ids']} jobs with two ids",
        "attempts": f"{attempts['all']}: {attempts['lost']} lost, "
        f"{attempts['taken_over']} taken over, {attempts['released']} released",
        "errors in the logs": _listed(summary["errors_logged"]) or "-",
        "faults": f"{summary['faults']['all']}: {_listed(summary['faults']['by_kind'])}",
        **{f"skipped: {kind}": why for kind, why in summary["faults"]["skipped"].items()},
    }
    for name, value in rows.items():
        table.add_row(f"[bold]{name}[/]", value)
    return table


def _recovery(recovery: Json) -> Table:
    table = Table(title="Seconds from the end of each fault until …", title_justify="left")
    for column in ("at", "fault", "all ready", "new job ready", "overlapped"):
        table.add_column(column)
    for one in recovery["after_each_fault"]:
        table.add_row(
            f"{one['began']:.1f}",
            one["fault"],
            _number(one["all_ready"]),
            _number(one["a_new_job_is_ready"]),
            "yes" if one["overlapped"] else "",
        )
    return table


def _last(recovery: Json) -> str:
    last = recovery["after_the_last_fault"]
    away = ", ".join(
        f"{name} {seconds} s" for name, seconds in recovery["longest_without_any_ready"].items()
    )
    return (
        f"[bold]After the last fault[/]: all ready {_number(last['all_ready'])} s, a new job ready "
        f"{_number(last['a_new_job_is_ready'])} s, the last job final "
        f"{_number(last['the_last_job_is_final'])} s\n"
        f"[bold]Longest without any ready process[/]: {away}\n"
        f"[bold]Longest wait for a promise[/]: "
        f"{_number(recovery['longest_wait_for_a_promise'])} s\n"
    )


def _invariants(summary: Json) -> Table:
    table = Table(show_header=False, box=None, title="Invariants", title_justify="left")
    for name, count in summary["invariants"].items():
        table.add_row("[red]broken[/]" if count else "[green]holds[/]", name, str(count or ""))
    return table


def _listed(counts: Json) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items())


def _number(value: float | None) -> str:
    return "[red]never[/]" if value is None else f"{value:.1f}"

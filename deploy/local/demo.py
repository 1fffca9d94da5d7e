"""`make demo`: one of everything, with its progress, a table of what came out, and a clean stop."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import httpx
from rich import box
from rich.console import Console
from rich.filesize import decimal
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from deploy.local.errors import LocalStackError
from deploy.local.media import Generator, Made, make, wait_for_generators
from deploy.local.process import end_with_parent
from deploy.local.settings import LocalSettings
from deploy.local.stack import LocalStack

_ANNOUNCED_WITHIN = timedelta(seconds=30)
_WITHIN = timedelta(minutes=5)


def demo(settings: LocalSettings) -> int:
    """Make the example of every generator; exit code 1 when one of them failed."""
    end_with_parent()  # `make`, which may be killed
    console = Console(highlight=False)
    stack = LocalStack(settings.home)
    info = stack.start(say=lambda line: console.print(f"[dim]{line}[/]"))
    try:
        with httpx.Client(base_url=info.api, headers=info.api_headers, timeout=60) as client:
            generators = wait_for_generators(client, _ANNOUNCED_WITHIN)
            results = _make_all(client, generators, settings, console)
    finally:
        console.print("[dim]stopping[/]")
        stack.stop()
    console.print(results_table(results))
    return 0 if generators and all(isinstance(result, Made) for result in results.values()) else 1


def _make_all(
    client: httpx.Client, generators: list[Generator], settings: LocalSettings, console: Console
) -> dict[str, Made | LocalStackError]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<12}"),
        BarColumn(),
        TimeElapsedColumn(),
    )
    results: dict[str, Made | LocalStackError] = {}
    with Progress(*columns, console=console) as progress:
        for generator in generators:
            task = progress.add_task(generator.name, total=None)
            target = settings.home / "out" / "demo" / generator.name
            try:
                results[generator.name] = make(
                    client,
                    generator,
                    target,
                    within=_WITHIN,
                    on_progress=partial(_show, progress, task),
                )
            except LocalStackError as error:
                results[generator.name] = error
            progress.update(task, total=100, completed=100)
    return results


def _show(progress: Progress, task: TaskID, job: dict[str, object]) -> None:
    if (percent := _percent(job)) is not None:
        progress.update(task, total=100, completed=percent)


def _percent(job: dict[str, object]) -> float | None:
    told = job.get("progress")
    percent = told.get("percent") if isinstance(told, dict) else told
    return float(percent) if isinstance(percent, int | float) else None


def results_table(results: Mapping[str, Made | LocalStackError]) -> Table:
    """A file's path is as short as can be and never cut off: it is there to be copied."""
    file = Column("file", overflow="fold")
    columns = ("generator", "measures", "size", "time", file)
    table = Table(*columns, title="One of everything", box=box.SIMPLE_HEAD, padding=0)
    for name, result in results.items():
        if isinstance(result, Made):
            seconds = f"{result.seconds:.2f} s"
            size, path = decimal(result.size), _from_here(result.path)
            table.add_row(name, result.measures, size, seconds, path)
        else:
            table.add_row(name, "[red]failed[/]", "", "", str(result))
    return table


def _from_here(path: Path) -> str:
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)

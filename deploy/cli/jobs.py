"""`darkroom show`, `list` and `cancel`: what became of requests."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.filesize import decimal
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import (
    NOTHING,
    ago,
    moment,
    pairs,
    print_json,
    span,
    status_text,
    table,
)
from shared.client import Failure, Job, JobAsset, Page

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("show", rich_help_panel="Media")(show)
    app.command("list", rich_help_panel="Media")(list_jobs)
    app.command("cancel", rich_help_panel="Media")(cancel)


def show(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a request.")],
    as_json: AsJson = False,
) -> None:
    """Show one request: status, attempts, files, error."""
    here = surroundings(context)
    job = asyncio.run(_get(here, job_id))
    if as_json:
        print_json(here.out, job)
    else:
        print_job(here, job)


def list_jobs(
    context: typer.Context,
    *,
    status: Annotated[str | None, typer.Option(help="Only those in this status.")] = None,
    generator: Annotated[str | None, typer.Option(help="Only those of this generator.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List requests, newest first."""
    here = surroundings(context)
    page = asyncio.run(_list(here, status, generator, limit, cursor))
    if as_json:
        print_json(here.out, page)
    else:
        _print_page(here, page)


def cancel(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a request.")],
) -> None:
    """Stop a request, or never start it."""
    here = surroundings(context)
    job = asyncio.run(_cancel(here, job_id))
    here.out.print(Text.assemble(status_text(job.status), f"  {job.id}"))


async def _cancel(here: Surroundings, job_id: str) -> Job:
    async with here.client() as client:
        return await client.cancel(job_id)


async def _get(here: Surroundings, job_id: str) -> Job:
    async with here.client() as client:
        return await client.get(job_id)


async def _list(
    here: Surroundings, status: str | None, generator: str | None, limit: int, cursor: str | None
) -> Page[Job]:
    async with here.client() as client:
        return await client.list(status=status, generator=generator, limit=limit, cursor=cursor)


def _print_page(here: Surroundings, page: Page[Job]) -> None:
    if not page.items:
        return here.out.print("There are no such requests.")
    shown = table("id", "generator", "status", "asked", "took", "result")
    for job in page.items:
        took = span(job.created_at, job.finished_at)
        status = status_text(job.status)
        shown.add_row(str(job.id), job.generator, status, ago(job.created_at), took, _result(job))
    here.out.print(shown)
    if page.next_cursor:
        here.err.print(Text(f"more: darkroom list --cursor {page.next_cursor}", "dim"))
    return None


def _result(job: Job) -> str:
    if job.error:
        return job.error.message
    asset = job.primary
    return describe(asset) if asset else NOTHING


def describe(asset: JobAsset) -> str:
    """An asset in a few words: image/png 1200x630, 96.4 kB."""
    dimensions = f" {asset.width}x{asset.height}" if asset.width and asset.height else ""
    return f"{asset.media_type}{dimensions}, {decimal(asset.size)}"


def print_job(here: Surroundings, job: Job) -> None:
    """Everything a person wants to know of one request."""
    rows: list[tuple[str, str | Text]] = [
        ("id", str(job.id)),
        ("status", status_text(job.status)),
        ("generator", job.generator + (f" ({job.priority})" if job.priority else "")),
        ("asked", f"{moment(job.created_at)}  ({ago(job.created_at)})"),
    ]
    if job.queue_position is not None:
        rows.append(("waiting", f"{job.queue_position} before it"))
    if job.finished_at:
        rows.append(("took", span(job.created_at, job.finished_at)))
    if job.progress and not job.is_final:
        percent = job.progress.percent
        words = [f"{percent:.0f} %" if percent is not None else "", job.progress.message or ""]
        rows.append(("progress", "  ".join(filter(None, words)) or NOTHING))
    if job.error:
        rows.append(_error(job.error, job.status))
    here.out.print(pairs(rows))
    _print_attempts(here.out, job)
    _print_assets(here, job)


def _error(error: Failure, status: str) -> tuple[str, Text]:
    code = f"  [{error.code}]" if error.code != error.message else ""
    if status == "failed":
        return "error", Text(f"{error.message}{code}", "red")
    return "reason", Text(f"{error.message}{code}")


def _print_attempts(console: Console, job: Job) -> None:
    if not job.attempts:
        return
    shown = table("attempt", "outcome", "began", "took", "why")
    for attempt in job.attempts:
        why = attempt.failure.message if attempt.failure else ""
        took = span(attempt.started_at, attempt.ended_at)
        began = _clock(attempt.started_at)
        shown.add_row(str(attempt.number), status_text(attempt.outcome), began, took, why)
    console.print()
    console.print(shown)


def _clock(value: datetime | None) -> str:
    return value.astimezone().strftime("%H:%M:%S.%f")[:-3] if value else NOTHING


def _print_assets(here: Surroundings, job: Job) -> None:
    for asset in job.assets:
        here.out.print()
        rows = [(asset.role, describe(asset)), ("sha256", asset.sha256)]
        if asset.url:
            rows.append(("url", here.whole_url(asset.url)))
        here.out.print(pairs(rows), soft_wrap=True)

"""`darkroom show`, `list` and `cancel`: what became of requests."""

import asyncio
from contextlib import suppress
from typing import Annotated, Any

import typer
from rich.text import Text

from deploy.cli.listing import Listing
from deploy.cli.showing import describe, print_job
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import NOTHING, ago, print_json, span, status_text
from shared.client import ApiNotFoundError, Generator, Job, Page

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
    job, generator = asyncio.run(_get(here, job_id))
    if as_json:
        print_json(here.out, job)
    else:
        print_job(here, job, paused=bool(generator and generator.paused))


def list_jobs(
    context: typer.Context,
    *,
    status: Annotated[list[str] | None, typer.Option(help="Only those in this status.")] = None,
    generator: Annotated[list[str] | None, typer.Option(help="Only this generator's.")] = None,
    metadata: Annotated[
        list[str] | None, typer.Option(metavar="KEY=VALUE", help="Only those with this metadata.")
    ] = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List requests, newest first."""
    here = surroundings(context)
    pairs = dict(_pair(one) for one in metadata or ())
    wanted = {"status": status, "generator": generator, "metadata": pairs, "oldest_first": oldest}
    page = asyncio.run(_list(here, limit=limit, cursor=cursor, **wanted))
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


async def _get(here: Surroundings, job_id: str) -> tuple[Job, Generator | None]:
    """The job; while it waits, also its generator, which may be the reason."""
    async with here.client() as client:
        job = await client.get(job_id)
        if job.status not in {"queued", "retrying"}:
            return job, None
        with suppress(ApiNotFoundError):
            return job, await client.generator(job.generator)
        return job, None


async def _list(here: Surroundings, **wanted: Any) -> Page[Job]:
    async with here.client() as client:
        return await client.list(**wanted)


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not (key and separator):
        raise typer.BadParameter(f"{text!r} is not KEY=VALUE", param_hint="--metadata")
    return key, value


def _print_page(here: Surroundings, page: Page[Job]) -> None:
    if not page.items:
        return here.out.print("There are no such requests.")
    shown = Listing("id", "generator", "status", "asked", "took", words="result")
    for job in page.items:
        asked, took = ago(job.created_at), span(job.created_at, job.finished_at)
        cells = (str(job.id), job.generator, status_text(job.status), asked, took)
        shown.add(*cells, words=_result(job))
    shown.print(here.out)
    if page.next_cursor:
        here.err.print(Text(f"more: darkroom list --cursor {page.next_cursor}", "dim"))
    return None


def _result(job: Job) -> str:
    if job.error:
        return job.error.message
    asset = job.primary
    return describe(asset) if asset else NOTHING

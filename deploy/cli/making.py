"""`darkroom make`: ask for something, watch it being made, keep the file."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from deploy.cli.generators import find_generator
from deploy.cli.jobs import describe
from deploy.cli.progress import JobProgress
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.values import read_pairs
from deploy.cli.wording import print_json, span, status_text
from shared.client import DarkroomClient, Job, NoContentError, StillRunningError

EXAMPLE = 'Example: darkroom make card title="Hello" theme=paper -o hello.png'


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("make", rich_help_panel="Media", epilog=EXAMPLE)(make)


@dataclass(frozen=True)
class Order:
    """What was asked for on the command line."""

    generator: str
    pairs: list[str]
    file: str | None
    priority: str | None
    key: str | None
    wait: bool
    timeout: timedelta
    output: Path | None


def make(
    context: typer.Context,
    generator: Annotated[str, typer.Argument(metavar="GENERATOR", help="See darkroom generators.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Its fields; lists and objects as JSON."),
    ] = None,
    *,
    file: Annotated[
        str | None, typer.Option("--input", "-i", help="A JSON file of fields; - reads stdin.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Stay until it has ended.")] = True,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Where to write the file, or a folder.")
    ] = None,
    priority: Annotated[str | None, typer.Option(help="interactive or batch.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: asking again asks for nothing new.")
    ] = None,
    timeout: Annotated[float, typer.Option(min=0, help="Seconds to wait at most.")] = 300,
    as_json: Annotated[bool, typer.Option("--json", help="The request as JSON.")] = False,
) -> None:
    """Make something, and keep the file."""
    here = surroundings(context)
    if output is not None and not wait:
        raise typer.BadParameter("a file can only be written after waiting: leave out --no-wait")
    limit = timedelta(seconds=timeout)
    order = Order(generator, values or [], file, priority, key, wait, limit, output)
    try:
        job, path = asyncio.run(_make(here, order))
    except StillRunningError as error:
        here.err.print(Text(f"darkroom show {error.job_id}", "dim"), soft_wrap=True)
        raise
    _report(here, job, path, as_json)
    if wait and job.status != "ready":
        raise typer.Exit(1)


async def _make(here: Surroundings, order: Order) -> tuple[Job, Path | None]:
    async with here.client() as client:
        job = await client.request(
            order.generator,
            await _input(client, order),
            priority=order.priority,
            idempotency_key=order.key,
        )
        if not order.wait:
            return job, None
        job = await _watch(here, client, job, order.timeout)
        if order.output is None or job.status != "ready":
            return job, None
        return job, await client.download(job, _target(order.output, job))


async def _input(client: DarkroomClient, order: Order) -> dict[str, Any]:
    described = await find_generator(client, order.generator)
    given = _read_file(order.file) if order.file else {}
    return {**given, **read_pairs(order.pairs, described.input_schema)}


async def _watch(here: Surroundings, client: DarkroomClient, asked: Job, limit: timedelta) -> Job:
    last = asked
    with JobProgress(here.err, asked) as progress:
        try:
            async for last in client.follow(asked.id, limit):
                progress.update(last)
        except asyncio.CancelledError:
            progress.stop()
            here.err.print(f"It goes on without us: darkroom show {asked.id}", soft_wrap=True)
            raise
    return last


def _read_file(name: str) -> Mapping[str, Any]:
    try:
        text = typer.get_text_stream("stdin").read() if name == "-" else Path(name).read_text()
        given = json.loads(text)
    except OSError as error:
        raise typer.BadParameter(f"{name} cannot be read: {error.strerror}") from error
    except ValueError as error:
        raise typer.BadParameter(f"{name} is not JSON: {error}") from error
    if not isinstance(given, dict):
        raise typer.BadParameter(f"{name} must hold a JSON object")
    return given


def _target(output: Path, job: Job) -> Path:
    if not output.is_dir():
        return output
    asset = job.primary
    if asset is None:
        raise NoContentError(job.id, job.status)
    return output / Path(asset.filename or f"{job.generator}-{job.id}").name


def _report(here: Surroundings, job: Job, path: Path | None, as_json: bool) -> None:
    if as_json:
        return print_json(here.out, job)
    if not job.is_final:
        return here.out.print(Text.assemble(status_text(job.status), f"  {job.id}"))
    if job.error:
        here.err.print(Text.assemble(("error: ", "bold red"), job.error.message), soft_wrap=True)
    asset = job.primary
    facts = [describe(asset)] if asset else []
    facts.append(f"in {span(job.created_at, job.finished_at)}")
    if len(job.attempts) > 1:
        facts.append(f"{len(job.attempts)} attempts")
    line = Text.assemble(status_text(job.status), f"  {job.id}  ", (", ".join(facts), "dim"))
    here.out.print(line, soft_wrap=True)
    where = str(path) if path else None
    if where is None and asset and asset.url:
        where = here.whole_url(asset.url)
    if where:
        here.out.print(Text(where), soft_wrap=True)
    return None

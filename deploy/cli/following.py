"""Watching a job to its end, keeping its file, and saying in two lines what became of it."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.progress import JobProgress
from deploy.cli.showing import advice_to_reconcile, describe
from deploy.cli.surroundings import Surroundings
from deploy.cli.wording import print_json, span, status_text, usd
from shared.client import DarkroomClient, Job, NoContentError, StillRunningError

Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Where to write the file, or a folder.")
]
Timeout = Annotated[float, typer.Option(min=0, help="Seconds to wait at most; it goes on then.")]


@dataclass(frozen=True)
class Patience:
    """Whether and how long to stay, and where the file goes."""

    wait: bool
    timeout: timedelta
    output: Path | None


async def follow(
    here: Surroundings, client: DarkroomClient, job: Job, patience: Patience
) -> tuple[Job, Path | None]:
    """The job as it ended, and the file that was written, if one was wanted."""
    if not patience.wait:
        return job, None
    job = await _watch(here, client, job, patience.timeout)
    if patience.output is None or job.status != "ready":
        return job, None
    return job, await client.download(job, _target(patience.output, job))


async def _watch(here: Surroundings, client: DarkroomClient, asked: Job, limit: timedelta) -> Job:
    last = asked
    with JobProgress(here.err, asked) as progress:
        try:
            async for last in client.follow(asked.id, limit):
                progress.update(last)
                if last.status == "needs_reconciliation":
                    break
        except (asyncio.CancelledError, StillRunningError) as left:
            progress.stop()
            goes_on = isinstance(left, asyncio.CancelledError)
            words = "It goes on without us: " if goes_on else ""
            here.err.print(Text(f"{words}darkroom show {asked.id}", "dim"), soft_wrap=True)
            raise
    return last


def _target(output: Path, job: Job) -> Path:
    if not output.is_dir():
        return output
    asset = job.primary
    if asset is None:
        raise NoContentError(job.id, job.status)
    return output / Path(asset.filename or f"{job.generator}-{job.id}").name


def report(here: Surroundings, job: Job, path: Path | None, *, as_json: bool) -> None:
    """What became of it."""
    if as_json:
        return print_json(here.out, job)
    if job.status == "needs_reconciliation":
        here.err.print(Text(advice_to_reconcile(job), "yellow"), soft_wrap=True)
    if not job.is_final:
        return here.out.print(Text.assemble(status_text(job.status), f"  {job.id}"))
    if job.error:
        here.err.print(Text.assemble(("error: ", "bold red"), job.error.message), soft_wrap=True)
    asset = job.primary
    facts = [describe(asset)] if asset else []
    facts.append(f"in {span(job.created_at, job.finished_at)}")
    if len(job.attempts) > 1:
        facts.append(f"{len(job.attempts)} attempts")
    if job.cost is not None:
        facts.append(usd(job.cost))
    line = Text.assemble(status_text(job.status), f"  {job.id}  ", (", ".join(facts), "dim"))
    here.out.print(line, soft_wrap=True)
    where = str(path) if path else None
    if where is None and asset and asset.url:
        where = here.whole_url(asset.url)
    if where:
        here.out.print(Text(where), soft_wrap=True)
    return None

"""`darkroom retry`: the same again, for what ended without a result."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from deploy.cli.following import Output, Patience, Timeout, follow, report
from deploy.cli.surroundings import Surroundings, surroundings
from shared.client import Job


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("retry", rich_help_panel="Media")(retry)


def retry(
    context: typer.Context,
    job_id: Annotated[str, typer.Argument(metavar="ID", help="A request that was not made.")],
    *,
    wait: Annotated[bool, typer.Option("--wait", help="Stay until it has ended.")] = False,
    output: Output = None,
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: asking again asks for nothing new.")
    ] = None,
    timeout: Timeout = 300,
    as_json: Annotated[bool, typer.Option("--json", help="The new request as JSON.")] = False,
) -> None:
    """Ask again for what was not made: a new request with the same input."""
    here = surroundings(context)
    patience = Patience(wait or output is not None, timedelta(seconds=timeout), output)
    job, path = asyncio.run(_retry(here, job_id, key, patience))
    report(here, job, path, as_json=as_json)
    if patience.wait and job.status != "ready":
        raise typer.Exit(1)


async def _retry(
    here: Surroundings, job_id: str, key: str | None, patience: Patience
) -> tuple[Job, Path | None]:
    async with here.client() as client:
        job = await client.retry(job_id, idempotency_key=key)
        return await follow(here, client, job, patience)

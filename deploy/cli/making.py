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

from deploy.cli.durations import read_duration, seconds
from deploy.cli.following import Output, Patience, Timeout, follow, report
from deploy.cli.generators import find_generator
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.uploading import FileUploads
from deploy.cli.values import read_pairs
from shared.client import Job, RequestOptions

LIMITS = "Limits"
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
    key: str | None
    options: RequestOptions
    patience: Patience


def _limit(text: str) -> Any:
    return typer.Option(
        parser=read_duration, metavar="TIME", help=text, rich_help_panel=LIMITS, show_default=False
    )


def make(
    context: typer.Context,
    generator: Annotated[str, typer.Argument(metavar="GENERATOR", help="See darkroom generators.")],
    values: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KEY=VALUE",
            help="Its fields; lists and objects as JSON. Where an asset is named, @photo.jpg "
            "uploads that file first.",
        ),
    ] = None,
    *,
    file: Annotated[
        str | None, typer.Option("--input", "-i", help="A JSON file of fields; - reads stdin.")
    ] = None,
    wait: Annotated[bool, typer.Option(help="Stay until it has ended.")] = True,
    output: Output = None,
    priority: Annotated[str | None, typer.Option(help="interactive or batch.")] = None,
    key: Annotated[
        str | None, typer.Option(help="Idempotency key: asking again asks for nothing new.")
    ] = None,
    timeout: Timeout = 300,
    deadline: Annotated[
        timedelta | None, _limit("Start within this (90s, 5min, 2h, 7d), or never.")
    ] = None,
    attempt_timeout: Annotated[timedelta | None, _limit("No attempt may last longer.")] = None,
    total_timeout: Annotated[timedelta | None, _limit("Made or not, it ends within this.")] = None,
    max_attempts: Annotated[
        int | None,
        typer.Option(min=1, max=20, help="1: never try again.", rich_help_panel=LIMITS),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="The request as JSON.")] = False,
) -> None:
    """Make something, and keep the file."""
    here = surroundings(context)
    if output is not None and not wait:
        raise typer.BadParameter("a file can only be written after waiting: leave out --no-wait")
    options: RequestOptions = {
        "priority": priority,
        "deadline_seconds": seconds(deadline),
        "attempt_timeout_seconds": seconds(attempt_timeout),
        "total_timeout_seconds": seconds(total_timeout),
        "max_attempts": max_attempts,
    }
    patience = Patience(wait, timedelta(seconds=timeout), output)
    order = Order(generator, values or [], file, key, options, patience)
    job, path = asyncio.run(_make(here, order))
    report(here, job, path, as_json=as_json)
    if wait and job.status != "ready":
        raise typer.Exit(1)


async def _make(here: Surroundings, order: Order) -> tuple[Job, Path | None]:
    async with here.client() as client:
        described = await find_generator(client, order.generator)
        given = _read_file(order.file) if order.file else {}
        asked = {**given, **read_pairs(order.pairs, described.input_schema)}
        job = await client.request(
            order.generator,
            await FileUploads(client, described.input_schema).replaced(asked),
            idempotency_key=order.key,
            **order.options,
        )
        if described.paused and not job.is_final:
            words = f"{job.generator} is paused; to let it start: darkroom resume {job.generator}"
            here.err.print(Text(words, "yellow"), soft_wrap=True)
        return await follow(here, client, job, order.patience)


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

"""`darkroom watch`: what happens, a line each, as it happens; or a table that moves."""

import asyncio
import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Self

import typer
from rich.console import Console
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.watching_table import WatchingTable
from shared.client import LiveEvent


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("watch", rich_help_panel="Media")(watch)


def watch(
    context: typer.Context,
    job_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="A request; without it all, from now on.")
    ] = None,
    *,
    generator: Annotated[list[str] | None, typer.Option(help="Only this generator's.")] = None,
    type_name: Annotated[
        list[str] | None, typer.Option("--type", metavar="TYPE", help="Only these: media.ready.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(help="Go on behind this position, or from a time (RFC 3339).")
    ] = None,
    as_table: Annotated[
        bool, typer.Option("--table", help="A line for each request; in a terminal.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="CloudEvents, one a line.")] = False,
) -> None:
    """See what happens to one request until it has ended, or to all."""
    here = surroundings(context)
    narrowed = {"types": type_name or [], "generators": generator or []}
    if job_id is not None and any(narrowed.values()):
        raise typer.BadParameter("--type and --generator are for the events of all requests")
    shown: _Lines | WatchingTable = _Lines(here.out, as_json=as_json)
    if as_table and not as_json and here.out.is_terminal:
        shown = WatchingTable(here.out)
    with shown:
        asyncio.run(_watch(here, job_id, _place(since), narrowed, shown.hear))


class _Lines:
    """A line for each event, whole where there is no terminal."""

    def __init__(self, out: Console, *, as_json: bool) -> None:
        self._out = out
        self._as_json = as_json

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_ended: object) -> None:
        """Nothing is left to do."""

    def hear(self, event: LiveEvent) -> None:
        """Something has happened."""
        if self._as_json:
            self._out.print(json.dumps(event.body), soft_wrap=True, markup=False, highlight=False)
        else:
            self._out.print(line(event), soft_wrap=True)


async def _watch(
    here: Surroundings,
    job_id: str | None,
    since: str | datetime | None,
    narrowed: dict[str, list[str]],
    hear: Callable[[LiveEvent], None],
) -> None:
    async with here.client() as client:
        async for event in client.events(job_id, since=since, **narrowed):
            hear(event)


def _place(since: str | None) -> str | datetime | None:
    """A time where it reads as one: no position does."""
    try:
        found = datetime.fromisoformat(since) if since else None
    except ValueError:
        return since
    return found.astimezone() if found else None


def line(event: LiveEvent) -> Text:
    """When, what, of which request, and what is said of it."""
    body, data = event.body, event.body["data"]
    moment = str(body["time"])[11:19]
    words = [str(body["subject"]), str(data["generator"])]
    if data.get("percent") is not None:
        words.append(f"{data['percent']:.0f} %")
    if message := data.get("message") or (data.get("failure") or {}).get("message"):
        words.append(str(message))
    name = event.type.removeprefix("media.")
    return Text.assemble((f"{moment} ", "dim"), (f"{name:20} ", "bold"), "  ".join(words))

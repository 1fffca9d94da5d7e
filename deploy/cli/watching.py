"""`darkroom watch`: what happens, a line each, as it happens."""

import asyncio
import json
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
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
    since: Annotated[str | None, typer.Option(help="Go on behind this position.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="CloudEvents, one a line.")] = False,
) -> None:
    """See what happens to one request until it has ended, or to all."""
    here = surroundings(context)
    narrowed = {"types": type_name or [], "generators": generator or []}
    if job_id is not None and any(narrowed.values()):
        raise typer.BadParameter("--type and --generator are for the events of all requests")
    asyncio.run(_watch(here, job_id, since, narrowed, as_json=as_json))


async def _watch(
    here: Surroundings,
    job_id: str | None,
    since: str | None,
    narrowed: dict[str, list[str]],
    *,
    as_json: bool,
) -> None:
    async with here.client() as client:
        async for event in client.events(job_id, since=since, **narrowed):
            if as_json:
                here.out.print(
                    json.dumps(event.body), soft_wrap=True, markup=False, highlight=False
                )
            else:
                here.out.print(line(event), soft_wrap=True)


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

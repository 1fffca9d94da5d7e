"""`darkroom pause` and `resume`: whether a generator's jobs may start."""

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.generators import find_generator
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import print_json
from shared.client import Control, DarkroomClient

Name = Annotated[str | None, typer.Argument(metavar="GENERATOR", help="See darkroom generators.")]
All = Annotated[bool, typer.Option("--all", help="All generators.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]

_ASK_AGAIN_AFTER = 0.1
_QUESTIONS = 50
_DONE = {"pause": "paused", "resume": "resumed"}
_THEN = {
    "pause": "what runs goes on, what is asked for waits; to let it start: darkroom resume {}",
    "resume": "what waited starts now",
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (pause, resume):
        app.command(rich_help_panel="Operating")(command)


def pause(
    context: typer.Context, generator: Name = None, everything: All = False, as_json: AsJson = False
) -> None:
    """Let a generator's jobs wait; what runs goes on."""
    _control(surroundings(context), "pause", _chosen(generator, everything), as_json)


def resume(
    context: typer.Context, generator: Name = None, everything: All = False, as_json: AsJson = False
) -> None:
    """Let a paused generator's jobs start again."""
    _control(surroundings(context), "resume", _chosen(generator, everything), as_json)


def _chosen(generator: str | None, everything: bool) -> str | None:
    if (generator is None) is not everything:
        raise typer.BadParameter("name one generator, or say --all")
    return generator


def _control(here: Surroundings, action: str, generator: str | None, as_json: bool) -> None:
    asked, heard = asyncio.run(_ask(here, action, generator))
    if as_json:
        return print_json(here.out, asked)
    name = generator or "all generators"
    if heard:
        here.out.print(
            Text.assemble((_DONE[action], "yellow" if action == "pause" else "green"), f"  {name}")
        )
        here.err.print(Text(_THEN[action].format(generator or "--all"), "dim"), soft_wrap=True)
    else:
        here.out.print(f"asked to {action}  {name}")
        here.err.print(Text("no generator process has answered yet; it is kept for them", "dim"))
    return None


async def _ask(here: Surroundings, action: str, generator: str | None) -> tuple[Control, bool]:
    """What was asked, and whether the generator has said that it is so."""
    async with here.client() as client:
        if generator:
            await find_generator(client, generator)
        asked = await (client.pause if action == "pause" else client.resume)(generator)
        for _ in range(_QUESTIONS):
            if await _states(client, generator) == {action == "pause"}:
                return asked, True
            await asyncio.sleep(_ASK_AGAIN_AFTER)
        return asked, False


async def _states(client: DarkroomClient, generator: str | None) -> set[bool]:
    """Whether those are paused that can answer: who is away does so when it comes back."""
    if generator:
        return {(await client.generator(generator)).paused}
    return {one.paused for one in await client.generators() if one.available}

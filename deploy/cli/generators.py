"""`darkroom generators`: what can be made, and what to say to get it."""

import asyncio
import json
import shlex
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Annotated, Any

import typer
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.values import types_of
from deploy.cli.wording import NOTHING, print_json, table, usd
from shared.client import ApiNotFoundError, DarkroomClient, Generator
from shared.errors import NotFoundError

_LIMITS = {
    "minimum": "≥ {}",
    "exclusiveMinimum": "> {}",
    "maximum": "≤ {}",
    "exclusiveMaximum": "< {}",
    "maxLength": "up to {} characters",
    "maxItems": "up to {} items",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("generators", rich_help_panel="Media")(generators)


def generators(
    context: typer.Context,
    name: Annotated[str | None, typer.Argument(help="One of them, with its fields.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List what can be made, or show one generator's fields and an example."""
    here = surroundings(context)
    if name is None:
        _print_all(here, asyncio.run(_all(here)), as_json)
    else:
        _print_one(here, asyncio.run(_one(here, name)), as_json)


async def find_generator(client: DarkroomClient, name: str) -> Generator:
    """The generator; a name that nobody has gets the likeliest ones suggested."""
    try:
        return await client.generator(name)
    except ApiNotFoundError:
        names = [generator.name for generator in await client.generators()]
    meant = get_close_matches(name, names, n=1)
    hint = f"did you mean {meant[0]}?" if meant else f"there is {', '.join(sorted(names))}"
    raise NotFoundError(f"no generator is called {name!r}; {hint if names else 'there is none'}")


async def _all(here: Surroundings) -> tuple[Generator, ...]:
    async with here.client() as client:
        return await client.generators()


async def _one(here: Surroundings, name: str) -> Generator:
    async with here.client() as client:
        return await find_generator(client, name)


def _print_all(here: Surroundings, found: tuple[Generator, ...], as_json: bool) -> None:
    if as_json:
        return print_json(here.out, found)
    if not found:
        return here.out.print("No generator has announced itself yet.")
    shown = table("name", "version", "makes", "description")
    for generator in found:
        makes, text = ", ".join(generator.media_types), Text(generator.description)
        words = [(f"{word}  ", "yellow") for word in _states(generator)]
        shown.add_row(generator.name, generator.version, makes, Text.assemble(*words, text))
    here.out.print(shown)
    return None


def _print_one(here: Surroundings, generator: Generator, as_json: bool) -> None:
    if as_json:
        return print_json(here.out, generator)
    here.out.print(Text(f"{generator.name} {generator.version}", "bold"))
    here.out.print(Text(generator.description))
    if generator.paused:
        words = f"Paused; to let its jobs start: darkroom resume {generator.name}"
        here.out.print(Text(words, "yellow"))
    if not generator.available:
        words = "No worker of it has been heard of lately; what is asked for waits until one is."
        here.out.print(Text(words, "yellow"))
    costs = f" Costs up to {usd(generator.max_cost)}." if generator.max_cost else ""
    here.out.print(Text(f"Makes {', '.join(generator.media_types)}.{costs}", "dim"))
    here.out.print()
    schema = generator.input_schema
    shown = table("field", "value", "default", "description")
    required = schema.get("required", ())
    fields = schema.get("properties", {}).items()
    for name, field in sorted(fields, key=lambda item: item[0] not in required):
        default = "required" if name in required else _default(field)
        shown.add_row(name, _values(field, schema), default, field.get("description", ""))
    here.out.print(shown)
    here.out.print()
    here.out.print(Text(example_command(generator)), soft_wrap=True)
    return None


def _states(generator: Generator) -> list[str]:
    """What keeps its jobs from starting."""
    away = [] if generator.available else ["away"]
    return ["paused", *away] if generator.paused else away


def example_command(generator: Generator) -> str:
    """The command that makes the generator's own example."""
    words = [f"{key}={_written(value)}" for key, value in generator.example.items()]
    return shlex.join(["darkroom", "make", generator.name, *words])


def _written(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _default(field: Mapping[str, Any]) -> str:
    default = field.get("default")
    return NOTHING if default in (None, "") else _written(default)


def _values(field: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    if constants := field.get("enum", [field["const"]] if "const" in field else []):
        return " | ".join(_written(value) for value in constants)
    kinds = [kind for kind in dict.fromkeys(types_of(field, schema)) if kind != "null"]
    bounds = [field, *field.get("anyOf", ())]
    limits = [
        text.format(bound[key]) for bound in bounds for key, text in _LIMITS.items() if key in bound
    ]
    return ", ".join([" or ".join(kinds) or "anything", *limits])

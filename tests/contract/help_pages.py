"""`python -m tests.contract.help_pages`: every page of `darkroom --help`, as wide as COLUMNS says.

A process of its own, because how wide and plain help is written is decided when typer is imported.
"""

from collections.abc import Iterator
from contextlib import suppress

import typer
from typer.core import TyperGroup

from deploy.cli.main import app, main


def pages(command: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words before `--help`, from the first page inwards."""
    yield path
    if isinstance(command, TyperGroup):
        for name, inner in command.commands.items():
            yield from pages(inner, (*path, name))


def write() -> None:
    """All of them, on standard output."""
    for path in pages(typer.main.get_command(app)):
        with suppress(SystemExit):
            main([*path, "--help"])


if __name__ == "__main__":
    write()

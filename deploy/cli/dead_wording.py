"""What the commands on dead letters share: options that choose letters, and a list of groups."""

import shlex
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.console import Console

from deploy.cli.listing import Listing
from deploy.cli.wording import ago
from shared.client import DeadLetterFilter, DeadLetterGroup

Queue = Annotated[str | None, typer.Option(help="Only those of this queue.")]
Class = Annotated[str | None, typer.Option(help="Only those of this class of error.")]
Code = Annotated[str | None, typer.Option(help="Only those of this error code.")]
Type = Annotated[str | None, typer.Option("--type", help="Only messages of this type.")]
Replayed = Annotated[bool, typer.Option("--replayed", help="Those that were replayed already.")]


def filter_options(wanted: DeadLetterFilter) -> str:
    """The same on the command line."""
    words: list[str] = []
    for name, value in wanted.members().items():
        words += [f"--{name.replace('_', '-')}", *([] if value is True else [value])]
    return shlex.join(words)


def print_groups(console: Console, groups: Sequence[DeadLetterGroup]) -> None:
    """A line for each queue and reason."""
    shown = Listing(">count", "queue", "first", "last", words="reason")
    for group in groups:
        count = f"{group.count:,}"
        first, last = ago(group.first_received_at), ago(group.last_received_at)
        words = f"{group.error_code} ({group.error_class})"
        shown.add(count, group.queue, first, last, words=words)
    shown.print(console)

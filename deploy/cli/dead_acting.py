"""`darkroom dead replay` and `purge`: which letters are meant. dead_deeds.py does it."""

from typing import Annotated

import typer

from deploy.cli.dead_deeds import PURGE, REPLAY, Order, act
from deploy.cli.dead_wording import Class, Code, Queue, Replayed, Type
from deploy.cli.surroundings import surroundings
from shared.client import DeadLetterFilter

Ids = Annotated[list[str] | None, typer.Argument(metavar="ID", help="Those of these ids.")]
All = Annotated[bool, typer.Option("--all", help="All of them.")]
Limit = Annotated[int | None, typer.Option(min=1, help="How many at most, the oldest first.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say how many it would be.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("replay")(replay)
    app.command("purge")(purge)


def replay(
    context: typer.Context,
    ids: Ids = None,
    *,
    queue: Queue = None,
    error_class: Class = None,
    error_code: Code = None,
    type_: Type = None,
    everything: All = False,
    limit: Limit = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Put messages back into the queues they came from, unchanged.

    What has had its effect has no second one: a message keeps its id. Exit code 1 when any failed.
    """
    wanted = DeadLetterFilter(
        queue=queue, error_class=error_class, error_code=error_code, type=type_
    )
    _check(ids, wanted, everything, limit)
    order = Order(ids or [], wanted, limit, yes, dry_run, as_json)
    act(surroundings(context), REPLAY, order)


def purge(
    context: typer.Context,
    ids: Ids = None,
    *,
    queue: Queue = None,
    error_class: Class = None,
    error_code: Code = None,
    type_: Type = None,
    replayed: Replayed = False,
    everything: All = False,
    limit: Limit = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Remove messages for good."""
    wanted = DeadLetterFilter(
        queue=queue,
        error_class=error_class,
        error_code=error_code,
        type=type_,
        replayed=replayed or None,
    )
    _check(ids, wanted, everything, limit)
    order = Order(ids or [], wanted, limit, yes, dry_run, as_json)
    act(surroundings(context), PURGE, order)


def _check(
    ids: list[str] | None, wanted: DeadLetterFilter, everything: bool, limit: int | None
) -> None:
    ways = [bool(ids), not wanted.is_empty, everything]
    if sum(ways) != 1:
        raise typer.BadParameter("name ids, or say which ones (--queue, --error-code, …), or --all")
    if ids and limit:
        raise typer.BadParameter("--limit is for filters and --all")

"""`darkroom dead`: messages that could not be handled, and why. dead_acting.py acts on them."""

import asyncio
import json
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli import dead_acting
from deploy.cli.dead_wording import (
    Class,
    Code,
    Queue,
    Replayed,
    Type,
    filter_options,
    print_groups,
)
from deploy.cli.listing import Listing
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import NOTHING, ago, moment, print_json, print_pairs
from shared.client import DeadLetter, DeadLetterFilter, DeadLetterGroup, Page

app = typer.Typer(
    help="Messages that could not be handled: look, replay, purge.", no_args_is_help=True
)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command("groups")
def show_groups(
    context: typer.Context,
    *,
    queue: Queue = None,
    error_class: Class = None,
    error_code: Code = None,
    type_: Type = None,
    replayed: Replayed = False,
    as_json: AsJson = False,
) -> None:
    """Count them by queue and reason: where to start."""
    here = surroundings(context)
    wanted = _wanted(queue, error_class, error_code, type_, replayed)
    groups = asyncio.run(_groups(here, wanted))
    if as_json:
        print_json(here.out, groups)
    elif not groups:
        _print_none(here, wanted)
    else:
        print_groups(here.out, groups)
        kind = {"queue": groups[0].queue, "error_code": groups[0].error_code}
        options = filter_options(wanted.model_copy(update=kind))
        here.err.print(Text(f"look at some: darkroom dead list {options}", "dim"), soft_wrap=True)


@app.command("list")
def list_letters(
    context: typer.Context,
    *,
    queue: Queue = None,
    error_class: Class = None,
    error_code: Code = None,
    type_: Type = None,
    replayed: Replayed = False,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List them, newest first."""
    here = surroundings(context)
    wanted = _wanted(queue, error_class, error_code, type_, replayed)
    page = asyncio.run(_list(here, wanted, limit, cursor))
    if as_json:
        print_json(here.out, page)
    elif not page.items:
        _print_none(here, wanted)
    else:
        _print_page(here, page, wanted)


@app.command("show")
def show_letter(
    context: typer.Context,
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a dead letter.")],
    as_json: AsJson = False,
) -> None:
    """Show one: where it came from, what was wrong, and the message itself."""
    here = surroundings(context)
    letter = asyncio.run(_get(here, letter_id))
    if as_json:
        print_json(here.out, letter)
    else:
        _print_letter(here, letter)


dead_acting.register(app)


def _wanted(
    queue: str | None,
    error_class: str | None,
    error_code: str | None,
    type_: str | None,
    replayed: bool,
) -> DeadLetterFilter:
    return DeadLetterFilter(
        queue=queue,
        error_class=error_class,
        error_code=error_code,
        type=type_,
        replayed=replayed or None,
    )


async def _groups(here: Surroundings, wanted: DeadLetterFilter) -> tuple[DeadLetterGroup, ...]:
    async with here.client() as client:
        return await client.dead_letters.groups(wanted)


async def _list(
    here: Surroundings, wanted: DeadLetterFilter, limit: int, cursor: str | None
) -> Page[DeadLetter]:
    async with here.client() as client:
        return await client.dead_letters.list(wanted, limit=limit, cursor=cursor)


async def _get(here: Surroundings, letter_id: str) -> DeadLetter:
    async with here.client() as client:
        return await client.dead_letters.get(letter_id)


def _print_none(here: Surroundings, wanted: DeadLetterFilter) -> None:
    here.out.print("There are no dead letters." if wanted.is_empty else "There are none of these.")


def _print_page(here: Surroundings, page: Page[DeadLetter], wanted: DeadLetterFilter) -> None:
    shown = Listing("id", "received", "queue", words="reason")
    for letter in page.items:
        shown.add(str(letter.id), ago(letter.received_at), letter.queue, words=_reason(letter))
    shown.print(here.out)
    if page.next_cursor:
        options = " ".join(filter(None, [filter_options(wanted), f"--cursor {page.next_cursor}"]))
        here.err.print(Text(f"more:      darkroom dead list {options}", "dim"), soft_wrap=True)
        here.err.print(Text("all kinds: darkroom dead groups", "dim"))


def _print_letter(here: Surroundings, letter: DeadLetter) -> None:
    rows: list[tuple[str, str | Text]] = [
        ("id", str(letter.id)),
        ("reason", Text(letter.error_message, "red")),
        ("error", f"{letter.error_class or NOTHING}  [{letter.error_code}]"),
        ("received", f"{moment(letter.received_at)}  ({ago(letter.received_at)})"),
        ("replayed", _times(letter.replays, letter.replayed_at)),
        ("queue", letter.queue),
        ("type", letter.type or NOTHING),
        ("message", letter.message_id or NOTHING),
        ("sent to", f"{letter.exchange or NOTHING}  {letter.routing_key}"),
        *((name, said) for name, said in _properties(letter) if said),
    ]
    print_pairs(here.out, rows)
    kind = letter.content_type or "bytes" if letter.body is not None else "base64"
    body = letter.body_base64 if letter.body is None else _readable(letter.body)
    for title, text in ((f"body ({kind})", body), ("stack", letter.stack)):
        if text:
            here.out.print()
            here.out.print(Text(title, "dim"))
            here.out.print(Text(text.rstrip()), soft_wrap=True)
    here.out.print()
    here.err.print(Text(f"put it back: darkroom dead replay {letter.id}", "dim"), soft_wrap=True)


def _properties(letter: DeadLetter) -> tuple[tuple[str, str], ...]:
    """What a command counts by, where it said so."""
    return ("sent by", letter.sender), ("answer to", letter.reply_to)


def _reason(letter: DeadLetter) -> str:
    """Bugs have no name of ours: there the class says more."""
    nameless = letter.error_code == "handler_error"
    return f"{letter.error_class if nameless else letter.error_code}: {letter.error_message}"


def _times(count: int, last: datetime | None) -> str:
    if last is None:
        return "no"
    return f"{'once' if count == 1 else f'{count} times, last'} {moment(last)}"


def _readable(body: str) -> str:
    """JSON with line breaks; anything else as it is."""
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body

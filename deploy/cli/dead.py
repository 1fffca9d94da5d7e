"""`darkroom dead`: messages that could not be handled, and why."""

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import NOTHING, ago, moment, pairs, print_json, table
from shared.client import DeadLetter, Page

app = typer.Typer(help="Messages that could not be handled.", no_args_is_help=True)


@app.command("list")
def list_letters(
    context: typer.Context,
    queue: Annotated[str | None, typer.Option(help="Only those of this queue.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """List dead letters, newest first."""
    here = surroundings(context)
    page = asyncio.run(_list(here, queue, limit, cursor))
    if as_json:
        print_json(here.out, page)
    else:
        _print_page(here, page)


@app.command("show")
def show_letter(
    context: typer.Context,
    letter_id: Annotated[str, typer.Argument(metavar="ID", help="The id of a dead letter.")],
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Show one dead letter: where it came from, what was wrong, and the message itself."""
    here = surroundings(context)
    letter = asyncio.run(_get(here, letter_id))
    if as_json:
        print_json(here.out, letter)
    else:
        _print_letter(here, letter)


async def _list(
    here: Surroundings, queue: str | None, limit: int, cursor: str | None
) -> Page[DeadLetter]:
    async with here.client() as client:
        return await client.dead_letters(queue=queue, limit=limit, cursor=cursor)


async def _get(here: Surroundings, letter_id: str) -> DeadLetter:
    async with here.client() as client:
        return await client.dead_letter(letter_id)


def _print_page(here: Surroundings, page: Page[DeadLetter]) -> None:
    if not page.items:
        return here.out.print("There are no dead letters.")
    shown = table("id", "received", "queue", "code", "reason")
    for letter in page.items:
        received = ago(letter.received_at)
        reason = letter.error_message
        shown.add_row(str(letter.id), received, letter.queue, letter.error_code, reason)
    here.out.print(shown)
    if page.next_cursor:
        here.err.print(Text(f"more: darkroom dead list --cursor {page.next_cursor}", "dim"))
    return None


def _print_letter(here: Surroundings, letter: DeadLetter) -> None:
    rows = [
        ("id", str(letter.id)),
        ("received", moment(letter.received_at)),
        ("queue", letter.queue),
        ("reason", Text(f"{letter.error_message}  [{letter.error_code}]", "red")),
        ("error", letter.error_class or NOTHING),
        ("type", letter.type or NOTHING),
        ("message", letter.message_id or NOTHING),
        ("sent to", f"{letter.exchange or NOTHING}  {letter.routing_key}"),
    ]
    here.out.print(pairs(rows))
    kind = letter.content_type if letter.body is not None else "base64"
    body = letter.body if letter.body is not None else letter.body_base64
    for title, text in ((f"body ({kind})", body), ("stack", letter.stack)):
        if text:
            here.out.print()
            here.out.print(Text(title, "dim"))
            here.out.print(Text(text.rstrip()), soft_wrap=True)

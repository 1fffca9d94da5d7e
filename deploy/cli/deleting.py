"""`darkroom delete` and `darkroom gc`: what is not to be kept any longer."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.filesize import decimal
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import print_json
from shared.client import Collected


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("delete", rich_help_panel="Media")(delete)
    app.command("gc", rich_help_panel="Operating")(collect)


def delete(
    context: typer.Context,
    job_ids: Annotated[
        list[str], typer.Argument(metavar="ID...", help="Requests that have ended.")
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Delete requests with their input and their files."""
    here = surroundings(context)
    many = "this request" if len(job_ids) == 1 else f"these {len(job_ids)} requests"
    if not yes and not here.ask(f"Delete {many} and the files that came of it?"):
        raise typer.Exit(1)
    asyncio.run(_delete(here, job_ids))


def collect(
    context: typer.Context,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Remove stored files that nobody refers to any more; it is also done by itself once a day."""
    here = surroundings(context)
    found = asyncio.run(_collect(here, dry_run))
    if as_json:
        print_json(here.out, found)
    else:
        _print(here, found)


async def _delete(here: Surroundings, job_ids: Sequence[str]) -> None:
    async with here.client() as client:
        for job_id in job_ids:
            await client.delete(job_id)
            here.out.print(Text(f"deleted  {job_id}"))


async def _collect(here: Surroundings, dry_run: bool) -> Collected:
    async with here.client() as client:
        return await client.collect(dry_run=dry_run)


def _print(here: Surroundings, found: Collected) -> None:
    verb = "would be removed" if found.dry_run else "removed"
    rows = (
        (verb, found.garbage_objects, found.garbage_bytes),
        ("in use", found.kept_objects, found.kept_bytes),
        ("too young to say", found.young_objects, found.young_bytes),
    )
    for what, objects, size in rows:
        here.out.print(Text(f"{what:<16}  {objects:>9,} files  {decimal(size):>10}"))

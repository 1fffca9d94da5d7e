"""`darkroom reconcile`: jobs of which nobody knows whether a provider has taken them."""

import asyncio
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.listing import Listing
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import NOTHING, ago, print_json, status_text
from shared.client import Job, Page
from shared.client.client import Resolution

_PARKED = "needs_reconciliation"
_THEN = {
    "attach": "the next attempt waits for that order",
    "resubmit": "the next attempt orders it again",
    "fail": "it will fail",
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("reconcile", rich_help_panel="Operating")(reconcile)


def reconcile(
    context: typer.Context,
    which: Annotated[
        str, typer.Argument(metavar="ID|list", help="A request; or list: all that wait.")
    ] = "list",
    *,
    attach: Annotated[
        str | None, typer.Option(metavar="ORDER", help="The provider has it, and calls it this.")
    ] = None,
    resubmit: Annotated[
        bool, typer.Option("--resubmit", help="The provider does not have it: order it again.")
    ] = False,
    fail: Annotated[bool, typer.Option("--fail", help="Give it up.")] = False,
    reason: Annotated[
        str | None, typer.Option(help="With --fail: why, for who asked for it.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,
) -> None:
    """Decide about requests that a provider may have taken without our knowing."""
    here = surroundings(context)
    resolution = _chosen(which, attach, resubmit, fail)
    if resolution is None:
        _print_all(here, asyncio.run(_list(here)), as_json)
        return
    if reason is not None and resolution != "fail":
        raise typer.BadParameter("--reason goes with --fail")
    job = asyncio.run(_decide(here, which, resolution, attach, reason))
    if as_json:
        print_json(here.out, job)
        return
    here.out.print(Text.assemble(status_text(job.status), f"  {job.id}"))
    here.err.print(Text(_THEN[resolution], "dim"))


def _chosen(which: str, attach: str | None, resubmit: bool, fail: bool) -> Resolution | None:
    said: list[Resolution] = []
    if attach is not None:
        said.append("attach")
    if resubmit:
        said.append("resubmit")
    if fail:
        said.append("fail")
    if which == "list" and not said:
        return None
    if len(said) != 1 or which == "list":
        raise typer.BadParameter("name one request, and say --attach ORDER, --resubmit or --fail")
    return said[0]


async def _decide(
    here: Surroundings,
    job_id: str,
    resolution: Resolution,
    attach: str | None,
    reason: str | None,
) -> Job:
    async with here.client() as client:
        return await client.reconcile(job_id, resolution, provider_job_id=attach, reason=reason)


async def _list(here: Surroundings) -> Page[Job]:
    async with here.client() as client:
        return await client.list(status=_PARKED, limit=200)


def _print_all(here: Surroundings, page: Page[Job], as_json: bool) -> None:
    if as_json:
        return print_json(here.out, page)
    if not page.items:
        return here.out.print("Nobody has to decide anything.")
    shown = Listing("id", "generator", "provider", "order", "in doubt", words="what is known")
    for job in page.items:
        known = job.reconciliation
        provider = known.provider if known else NOTHING
        order = (known.provider_job_id if known else None) or NOTHING
        since = ago(known.since) if known and known.since else NOTHING
        cells = (str(job.id), job.generator, provider, order, since)
        shown.add(*cells, words=job.error.message if job.error else "")
    shown.print(here.out)
    words = "decide: darkroom reconcile ID --attach ORDER | --resubmit | --fail"
    here.err.print(Text(words, "dim"), soft_wrap=True)
    return None

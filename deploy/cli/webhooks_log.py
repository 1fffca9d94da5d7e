"""`darkroom webhooks deliveries`, `show-delivery` and `replay`: what became of each event."""

import asyncio
from datetime import datetime
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.listing import Listing
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import NOTHING, ago, moment, print_json, print_pairs
from shared.client import Page
from shared.client.webhooks import Which
from shared.webhooks.models import WebhookDelivery, WebhookDeliveryDetail

STYLES = {"delivered": "green", "failed": "red", "skipped": "yellow", "pending": "cyan"}
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a delivery.")]
Endpoint = Annotated[str | None, typer.Option(metavar="ID", help="Only those of this endpoint.")]
Since = Annotated[datetime | None, typer.Option(help="Only events from then on, local time.")]
Until = Annotated[datetime | None, typer.Option(help="Only events before then, local time.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("deliveries")(list_deliveries)
    app.command("show-delivery")(show_delivery)
    app.command("replay")(replay)


def list_deliveries(
    context: typer.Context,
    *,
    endpoint: Endpoint = None,
    status: Annotated[
        str | None, typer.Option(help="pending, delivered, failed or skipped.")
    ] = None,
    job: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this job.")] = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 20,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was to be sent, newest first."""
    here = surroundings(context)

    async def ask() -> Page[WebhookDelivery]:
        async with here.client() as client:
            return await client.webhooks.deliveries(
                endpoint=endpoint,
                status=status,
                job=job,
                since=since.astimezone() if since else None,
                limit=limit,
                cursor=cursor,
            )

    page = asyncio.run(ask())
    if as_json:
        print_json(here.out, page)
    elif not page.items:
        here.out.print("There are no deliveries.")
    else:
        _print_page(here, page)


def show_delivery(context: typer.Context, delivery_id: Id, as_json: AsJson = False) -> None:
    """Show one, with every call that was made."""
    here = surroundings(context)

    async def ask() -> WebhookDeliveryDetail:
        async with here.client() as client:
            return await client.webhooks.delivery(delivery_id)

    found = asyncio.run(ask())
    if as_json:
        print_json(here.out, found)
    else:
        _print_detail(here, found)


def replay(
    context: typer.Context,
    delivery_id: Annotated[
        str | None, typer.Argument(metavar="ID", help="One delivery; none: those that fit.")
    ] = None,
    *,
    endpoint: Endpoint = None,
    status: Annotated[str, typer.Option(help="failed, skipped or all.")] = "failed",
    since: Since = None,
    until: Until = None,
) -> None:
    """Send again, with the same ids: receivers see what they have had already."""
    here = surroundings(context)
    which = _which(status)

    async def ask() -> str:
        async with here.client() as client:
            if delivery_id:
                return f"on its way again: {(await client.webhooks.replay(delivery_id)).event_id}"
            answer = await client.webhooks.replay_many(
                which,
                endpoint=endpoint,
                since=since.astimezone() if since else None,
                until=until.astimezone() if until else None,
            )
            return f"on their way again: {answer.replayed}" + "; there are more" * answer.more

    here.out.print(asyncio.run(ask()))


def _which(status: str) -> Which:
    match status:
        case "failed" | "skipped" | "all":
            return status
    raise typer.BadParameter("--status is failed, skipped or all")


def _status(delivery: WebhookDelivery) -> Text:
    return Text(delivery.status, STYLES[delivery.status])


def _print_page(here: Surroundings, page: Page[WebhookDelivery]) -> None:
    shown = Listing("id", "created", "status", ">tries", "event", words="address")
    for one in page.items:
        why = f"  {one.last_error}" if one.last_error and one.status != "delivered" else ""
        shown.add(
            str(one.id), ago(one.created_at), _status(one), str(one.attempts), one.event_type,
            words=one.url + why,
        )  # fmt: skip
    shown.print(here.out)
    if page.next_cursor:
        more = f"more: darkroom webhooks deliveries --cursor {page.next_cursor}"
        here.err.print(Text(more, "dim"), soft_wrap=True)


def _print_detail(here: Surroundings, found: WebhookDeliveryDetail) -> None:
    rows: list[tuple[str, str | Text]] = [
        ("id", str(found.id)),
        ("status", _status(found)),
        ("event", f"{found.event_type}  {found.event_id}"),
        ("job", f"{found.job_id}  ({found.generator})"),
        ("address", found.url),
        ("endpoint", str(found.endpoint_id or NOTHING)),
        ("created", f"{moment(found.created_at)}  ({ago(found.created_at)})"),
        ("next", moment(found.next_attempt_at)),
    ]
    print_pairs(here.out, rows)
    if not found.attempt_log:
        return
    here.out.print()
    shown = Listing(">try", "started", ">took", "status", words="result", whole=True)
    for one in found.attempt_log:
        result = Text(one.error, "red") if one.error else Text("delivered", "green")
        answer = f"  {one.answer[:200]}" if one.answer else ""
        shown.add(
            str(one.number), moment(one.started_at), f"{one.duration_ms} ms",
            str(one.status or NOTHING), words=Text.assemble(result, answer),
        )  # fmt: skip
    shown.print(here.out)

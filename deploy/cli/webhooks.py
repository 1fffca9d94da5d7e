"""`darkroom webhooks`: who is called when jobs end. webhooks_log.py shows what became of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel
from rich.text import Text

from deploy.cli import webhooks_log
from deploy.cli.listing import Listing
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import ago, moment, print_json, print_pairs
from shared.client.webhooks import Webhooks
from shared.webhooks.models import WebhookEndpoint, WebhookSecret

Answer = TypeVar("Answer")

app = typer.Typer(help="Webhooks: who is called when jobs end.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of an endpoint.")]
OptionalId = Annotated[
    str | None,
    typer.Argument(metavar="ID", help="An endpoint; none: addresses that come with requests."),
]
Events = Annotated[
    list[str] | None, typer.Option("--event", help="Only these: media.ready, media.failed, …")
]
Generators = Annotated[
    list[str] | None, typer.Option("--generator", help="Only jobs of these generators.")
]
Description = Annotated[str | None, typer.Option(help="For people.")]
Ordered = Annotated[
    bool | None, typer.Option("--ordered/--unordered", help="One at a time, in order.")
]


@app.command("add")
def add(
    context: typer.Context,
    url: Annotated[str, typer.Argument(metavar="URL", help="Where to send.")],
    *,
    event: Events = None,
    generator: Generators = None,
    description: Description = None,
    ordered: Ordered = None,
    as_json: AsJson = False,
) -> None:
    """Have an address called when jobs end; shows the secret that calls are signed with."""
    here = surroundings(context)
    options: dict[str, Any] = {
        "event_types": event,
        "generators": generator,
        "description": description,
    }
    made = _call(here, lambda hooks: hooks.add(url, **options, ordered=ordered))
    if as_json:
        print_json(here.out, made)
        return
    _print(here, made, ("secret", made.secret))
    here.err.print(Text(f"try it: darkroom webhooks test {made.id}", "dim"), soft_wrap=True)


@app.command("list")
def list_endpoints(context: typer.Context, as_json: AsJson = False) -> None:
    """List the endpoints."""
    here = surroundings(context)
    found = _call(here, lambda hooks: hooks.list())
    if as_json:
        print_json(here.out, found)
        return
    if not found:
        here.out.print("There are no webhook endpoints.")
        return
    shown = Listing("id", "state", words="address")
    for endpoint in found:
        shown.add(str(endpoint.id), _state(endpoint), words=endpoint.url)
    shown.print(here.out)


@app.command("show")
def show(
    context: typer.Context,
    endpoint_id: Id,
    *,
    secret: Annotated[bool, typer.Option("--secret", help="Show its secret as well.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show one endpoint."""
    here = surroundings(context)
    found = _call(here, lambda hooks: hooks.get(endpoint_id))
    if as_json:
        print_json(here.out, found)
        return
    more = _call(here, lambda hooks: hooks.secret(endpoint_id)).secret if secret else None
    _print(here, found, *([("secret", more)] if more else []))


@app.command("secret")
def show_secret(context: typer.Context, endpoint_id: OptionalId = None) -> None:
    """Show what calls are signed with."""
    here = surroundings(context)
    _print_secret(here, _call(here, lambda hooks: hooks.secret(endpoint_id)))


@app.command("update")
def update(
    context: typer.Context,
    endpoint_id: Id,
    *,
    url: Annotated[str | None, typer.Option(help="Where to send from now on.")] = None,
    event: Events = None,
    generator: Generators = None,
    description: Description = None,
    ordered: Ordered = None,
    enabled: Annotated[
        bool | None, typer.Option("--enable/--disable", help="Send, or keep without sending.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change an endpoint; what is not said stays as it is."""
    here = surroundings(context)
    changes: dict[str, Any] = {
        "url": url,
        "event_types": event,
        "generators": generator,
        "description": description,
        "ordered": ordered,
        "enabled": enabled,
    }
    if all(value is None for value in changes.values()):
        raise typer.BadParameter("say what is to be different, such as --disable")
    _show(here, _call(here, lambda hooks: hooks.update(endpoint_id, **changes)), as_json)


@app.command("remove")
def remove(
    context: typer.Context,
    endpoint_id: Id,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove an endpoint and its log."""
    here = surroundings(context)
    if yes or here.ask(f"Remove {endpoint_id} and all that was sent to it?"):
        _call(here, lambda hooks: hooks.remove(endpoint_id))
        here.out.print("removed")


@app.command("rotate")
def rotate(context: typer.Context, endpoint_id: OptionalId = None) -> None:
    """Sign with a new secret; for 24 hours with the old one as well."""
    here = surroundings(context)
    _print_secret(here, _call(here, lambda hooks: hooks.rotate_secret(endpoint_id)))


@app.command("test")
def send_sample(context: typer.Context, endpoint_id: Id, as_json: AsJson = False) -> None:
    """Send a sample now and say what was answered. Exit code 1 when it was not taken."""
    here = surroundings(context)
    found = _call(here, lambda hooks: hooks.test(endpoint_id))
    if as_json:
        print_json(here.out, found)
    else:
        attempt = found.attempt
        said = Text("delivered", "green") if found.delivered else Text(attempt.error or "", "red")
        rows: list[tuple[str, str | Text]] = [
            ("result", said),
            ("status", str(attempt.status or "none")),
            ("took", f"{attempt.duration_ms} ms"),
            ("event", found.event_id),
            ("answer", attempt.answer[:500]),
        ]
        print_pairs(here.out, rows)
    if not found.delivered:
        raise typer.Exit(1)


webhooks_log.register(app)


def _call(here: Surroundings, ask: Callable[[Webhooks], Awaitable[Answer]]) -> Answer:
    async def asked() -> Answer:
        async with here.client() as client:
            return await ask(client.webhooks)

    return asyncio.run(asked())


def _show(here: Surroundings, endpoint: WebhookEndpoint, as_json: bool) -> None:
    shown: BaseModel = endpoint
    if as_json:
        print_json(here.out, shown)
    else:
        _print(here, endpoint)


def _print(here: Surroundings, endpoint: WebhookEndpoint, *more: tuple[str, str]) -> None:
    rows: list[tuple[str, str | Text]] = [
        ("id", str(endpoint.id)),
        ("address", endpoint.url),
        ("state", _state(endpoint)),
        ("events", ", ".join(endpoint.event_types) or "all"),
        ("generators", ", ".join(endpoint.generators) or "all"),
        ("ordered", "yes" if endpoint.ordered else "no"),
        ("created", f"{moment(endpoint.created_at)}  ({ago(endpoint.created_at)})"),
    ]
    if endpoint.description:
        rows.insert(1, ("description", endpoint.description))
    print_pairs(here.out, [*rows, *more])


def _state(endpoint: WebhookEndpoint) -> Text:
    if not endpoint.enabled:
        return Text(f"disabled ({endpoint.disabled_reason})", "yellow")
    if endpoint.failing_since:
        return Text(f"failing since {moment(endpoint.failing_since)}", "red")
    return Text("enabled", "green")


def _print_secret(here: Surroundings, secret: WebhookSecret) -> None:
    rows: list[tuple[str, str | Text]] = [("secret", secret.secret)]
    if secret.previous_until:
        rows.append(("old one until", moment(secret.previous_until)))
    print_pairs(here.out, rows)

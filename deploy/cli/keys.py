"""`darkroom keys create`, `list`, `show` and `revoke`: who may ask for what."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar

import typer
from rich.text import Text

from deploy.cli.durations import read_duration
from deploy.cli.listing import Listing
from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import NOTHING, ago, moment, print_json, print_pairs
from shared.client import API_KEY, ApiKey, Keys, NewApiKey, Page

Answer = TypeVar("Answer")

EXAMPLE = "Example: darkroom keys create --name shop --scopes media:read,media:write"
SCOPES = "media:read, media:write, webhooks:read, webhooks:write, keys, operate"

app = typer.Typer(help="API keys: who may ask for what.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The id of a key.")]


@app.command("create", epilog=EXAMPLE)
def create(
    context: typer.Context,
    *,
    name: Annotated[str, typer.Option(help="What it is for; people know it by this.")],
    scopes: Annotated[
        list[str], typer.Option(metavar="SCOPE,…", help=f"What it may do: {SCOPES}.")
    ],
    tenant: Annotated[
        str | None, typer.Option(help="Whose requests it makes and sees; yours, if none is said.")
    ] = None,
    expires_in: Annotated[
        timedelta | None,
        typer.Option(parser=read_duration, metavar="TIME", help="Good for so long: 12h, 90d."),
    ] = None,
    broker_user: Annotated[
        str | None,
        typer.Option(metavar="USER", help="No secret: commands of this RabbitMQ user count as it."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key, and print it: this once."""
    here = surroundings(context)
    wanted = [scope.strip() for each in scopes for scope in each.split(",") if scope.strip()]
    made = _call(
        here,
        lambda keys: keys.create(
            name, wanted, tenant=tenant, expires_in=expires_in, broker_user=broker_user
        ),
    )
    if as_json:
        print_json(here.out, made)
        return
    _explain(here, made)
    here.out.print(Text(made.key or made.id), soft_wrap=True)


@app.command("list")
def list_keys(
    context: typer.Context,
    *,
    tenant: Annotated[str | None, typer.Option(help="Only those of this tenant.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=200, help="How many at most.")] = 50,
    cursor: Annotated[str | None, typer.Option(help="Go on where a list ended.")] = None,
    as_json: AsJson = False,
) -> None:
    """List keys, newest first; with the scope `operate` those of all tenants."""
    here = surroundings(context)
    page = _call(here, lambda keys: keys.list(tenant=tenant, limit=limit, cursor=cursor))
    if as_json:
        print_json(here.out, page)
    else:
        _print_page(here, page)


@app.command("show")
def show(context: typer.Context, key_id: Id, as_json: AsJson = False) -> None:
    """Show what a key may do, and when it was used; its secret is shown when it is made."""
    here = surroundings(context)
    found = _call(here, lambda keys: keys.get(key_id))
    if as_json:
        print_json(here.out, found)
    else:
        print_pairs(here.out, _rows(found))


@app.command("revoke")
def revoke(context: typer.Context, key_id: Id) -> None:
    """Let a key open nothing more, from now on and for good."""
    here = surroundings(context)

    async def found_and_revoked(keys: Keys) -> ApiKey:
        found = await keys.get(key_id)
        await keys.revoke(key_id)
        return found

    found = _call(here, found_and_revoked)
    here.out.print(Text.assemble(("revoked", "red"), f"  {found.id}  {found.name}"))


def _call(here: Surroundings, ask: Callable[[Keys], Awaitable[Answer]]) -> Answer:
    async def asked() -> Answer:
        async with here.client() as client:
            return await ask(client.keys)

    return asyncio.run(asked())


def _explain(here: Surroundings, made: NewApiKey) -> None:
    """Beside the key itself, so that $(darkroom keys create …) is the key and nothing else."""
    print_pairs(here.err, _rows(made))
    for line in _to_use(made, here.api_url()):
        here.err.print(Text(line, "dim"), soft_wrap=True)


def _to_use(made: NewApiKey, url: str) -> Iterable[str]:
    if made.broker_user:
        yield f"It counts for commands that RabbitMQ knows to be from {made.broker_user}:"
        yield "publish them with that as the property user_id."
        return
    yield "It is shown this once. To use it:"
    yield f"  export {API_KEY}=…   # for darkroom, and for the Python client"
    yield f'  curl -H "Authorization: Bearer ${API_KEY}" {url}/v1/media'


def _print_page(here: Surroundings, page: Page[ApiKey]) -> None:
    if not page.items:
        here.out.print("There are no keys.")
        return
    shown = Listing("id", "name", "tenant", "state", "used", words="scopes")
    for key in page.items:
        cells = (key.id, key.name, key.tenant, _state(key), _used(key))
        shown.add(*cells, words=", ".join(key.scopes))
    shown.print(here.out)
    if page.next_cursor:
        here.err.print(Text(f"more: darkroom keys list --cursor {page.next_cursor}", "dim"))


def _rows(key: ApiKey) -> list[tuple[str, str | Text]]:
    rows: list[tuple[str, Any]] = [
        ("id", key.id),
        ("name", key.name),
        ("tenant", key.tenant),
        ("scopes", ", ".join(key.scopes)),
        ("state", _state(key)),
        ("created", f"{moment(key.created_at)}  ({ago(key.created_at)})"),
        ("expires", moment(key.expires_at) if key.expires_at else "never"),
        ("used", _used(key)),
    ]
    return [*rows, ("broker user", key.broker_user)] if key.broker_user else rows


def _state(key: ApiKey) -> Text:
    if key.revoked_at:
        return Text("revoked", "red")
    if key.expires_at and key.expires_at <= datetime.now(UTC):
        return Text("expired", "yellow")
    return Text("valid", "green")


def _used(key: ApiKey) -> str:
    return ago(key.last_used_at) if key.last_used_at else NOTHING

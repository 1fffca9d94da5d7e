"""`darkroom topology`: the names on the broker, and whether a broker has them."""

import asyncio
from typing import Annotated, Any

import typer
from rich.text import Text

from deploy.cli.surroundings import NothingRunningError, Surroundings, surroundings
from deploy.cli.wording import print_json, table
from deploy.rabbitmq.definitions import VHOST, definitions
from deploy.rabbitmq.difference import Difference, Kind, differences, generators_of
from deploy.rabbitmq.management import ManagementApi
from shared.client import ApiUnavailableError, BusyError

app = typer.Typer(help="Exchanges, queues, bindings and policies.", no_args_is_help=True)

Url = Annotated[
    str | None,
    typer.Option(help="RabbitMQ's management API: http://user:password@host:15672"),
]
Vhost = Annotated[str, typer.Option(help="The virtual host.")]
Named = Annotated[
    list[str] | None,
    typer.Option("--generator", help="With its queues, even if nobody has announced it yet."),
]

_SIGNS = {Kind.MISSING: ("missing  ", "red"), Kind.DIFFERENT: ("different", "yellow")}


@app.command("show")
def show(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="As a RabbitMQ definitions file.")
    ] = False,
) -> None:
    """Show what a broker is to have, as the code says it."""
    here = surroundings(context)
    document = definitions(generators=asyncio.run(_announced(here)))
    if as_json:
        kinds = ("exchanges", "queues", "bindings", "policies")
        print_json(here.out, {kind: document[kind] for kind in kinds})
    else:
        _print_document(here, document)


@app.command("check")
def check(
    context: typer.Context, generator: Named = None, url: Url = None, vhost: Vhost = VHOST
) -> None:
    """Compare a live broker with the code; exit code 1 when they differ."""
    here = surroundings(context)
    names = _names(here, generator)
    with _broker(here, url, vhost) as broker:
        found = _compare(broker, names)
    _report(here, broker.address, found)


@app.command("apply")
def apply(
    context: typer.Context, generator: Named = None, url: Url = None, vhost: Vhost = VHOST
) -> None:
    """Make what a broker lacks and set the policies; again changes nothing.

    What exists with other arguments has to be deleted by hand: RabbitMQ cannot change it.
    """
    here = surroundings(context)
    names = _names(here, generator)
    with _broker(here, url, vhost) as broker:
        wanted = names | generators_of(broker.definitions())
        broker.apply(definitions(generators=wanted))
        found = _compare(broker, wanted)
    _report(here, broker.address, found)


def _broker(here: Surroundings, url: str | None, vhost: str) -> ManagementApi:
    return ManagementApi(
        url or here.management_url(), vhost=vhost, transport=here.management_transport
    )


def _compare(broker: ManagementApi, names: set[str]) -> list[Difference]:
    live = broker.definitions()
    return differences(definitions(generators=names | generators_of(live)), live)


def _names(here: Surroundings, given: list[str] | None) -> set[str]:
    """The generators that were named, and those that have announced themselves."""
    return {*(given or ()), *asyncio.run(_announced(here))}


async def _announced(here: Surroundings) -> set[str]:
    """The generators that the API knows; none when there is no API to ask."""
    try:
        async with here.client(tries=1) as client:
            return {generator.name for generator in await client.generators()}
    except (NothingRunningError, ApiUnavailableError, BusyError):
        return set()


def _report(here: Surroundings, address: str, found: list[Difference]) -> None:
    if not found:
        here.out.print(
            Text.assemble(("ok", "green"), f"  the broker at {address} is as it should be")
        )
        return
    for difference in found:
        sign = _SIGNS.get(difference.kind, ("extra    ", "yellow"))
        detail = f": {difference.detail}" if difference.detail else ""
        here.out.print(Text.assemble(sign, f"  {difference.what}{detail}"), soft_wrap=True)
    raise typer.Exit(1)


def _print_document(here: Surroundings, document: dict[str, Any]) -> None:
    exchanges = table("exchange", "kind")
    for entry in document["exchanges"]:
        exchanges.add_row(entry["name"], entry["type"])
    queues = table("queue", "bound to", "by")
    for queue in document["queues"]:
        bound = [b for b in document["bindings"] if b["destination"] == queue["name"]]
        for place, binding in enumerate(bound):
            name = queue["name"] if place == 0 else ""
            queues.add_row(name, binding["source"], binding["routing_key"])
    policies = table("policy", "queues", "definition")
    for policy in document["policies"]:
        words = ", ".join(f"{key}={value}" for key, value in policy["definition"].items())
        policies.add_row(policy["name"], policy["pattern"], words)
    for shown in (exchanges, queues, policies):
        here.out.print(shown)
        here.out.print()

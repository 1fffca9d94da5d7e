"""`darkroom budget show`, `set` and `lift`: what may be spent at providers."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import moment, print_json, print_pairs, usd
from shared.client import Budget, Budgets

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
app = typer.Typer(help="What may be spent at providers.", no_args_is_help=True)


class Per(StrEnum):
    """What the limit is for."""

    MONTH = "month"
    TOTAL = "total"


@app.command("show")
def show(context: typer.Context, as_json: AsJson = False) -> None:
    """Show what may be spent, and how that stands."""
    _call(surroundings(context), lambda budget: budget.get(), as_json)


@app.command("set")
def limit(
    context: typer.Context,
    amount: Annotated[
        float, typer.Argument(metavar="USD", min=0, max=999_999, help="So much may be spent.")
    ],
    *,
    per: Annotated[Per, typer.Option(help="Each calendar month (UTC), or for ever.")] = Per.MONTH,
    as_json: AsJson = False,
) -> None:
    """Limit what may be spent; what is under way goes on."""
    _call(surroundings(context), lambda budget: budget.limit(amount, per.value), as_json)


@app.command("lift")
def lift(context: typer.Context, as_json: AsJson = False) -> None:
    """Let anything be spent."""
    _call(surroundings(context), lambda budget: budget.lift(), as_json)


def _call(here: Surroundings, ask: Callable[[Budgets], Awaitable[Budget]], as_json: bool) -> None:
    budget = asyncio.run(_ask(here, ask))
    if as_json:
        print_json(here.out, budget)
    else:
        _print(here, budget)


async def _ask(here: Surroundings, ask: Callable[[Budgets], Awaitable[Budget]]) -> Budget:
    async with here.client() as client:
        return await ask(client.budget)


def _print(here: Surroundings, budget: Budget) -> None:
    period = " a month" if budget.period == "month" else " in all"
    rows: list[tuple[str, str | Text]] = [
        ("limit", "none" if budget.limit is None else usd(budget.limit) + period),
        ("spent", usd(budget.spent)),
        ("set aside", f"{usd(budget.reserved)}  (for what is under way)"),
    ]
    if budget.left is not None:
        style = "green" if budget.left else "red"
        rows.append(("left", Text(usd(budget.left), style)))
    if budget.period_ends_at:
        rows.append(("until", moment(budget.period_ends_at)))
    print_pairs(here.out, rows)

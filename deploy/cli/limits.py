"""`darkroom limits show`, `set`, `reset` and `list`: what tenants may use."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, TypeVar

import typer
from pydantic import ByteSize, TypeAdapter, ValidationError
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.cli.wording import print_json, print_pairs
from shared.client import Limits, Quota, Rate, RateLimit, TenantLimits

Answer = TypeVar("Answer")
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Tenant = Annotated[str, typer.Argument(metavar="TENANT", help="Whose limits.")]
EXAMPLE = "Example: darkroom limits set shop --jobs 600/minute --upload-bytes 20GB --uploads none"
DEFAULT = "default"
_NONE = "none"
_WORDS = {
    "requests": "calls",
    "jobs": "jobs",
    "queued_jobs": "waiting jobs",
    "uploads": "uploads",
    "upload_bytes": "bytes of uploads",
    "streams": "open streams",
}

app = typer.Typer(
    help="What tenants may use: how often they may ask, and how much they may have.",
    no_args_is_help=True,
)


def _rate(text: str) -> Any:
    try:
        return _word(text) or Rate.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _count(text: str) -> Any:
    if word := _word(text):
        return word
    if not text.isdigit() or not int(text):
        raise typer.BadParameter(f"{text!r} is neither a number from 1, nor `none` or `default`")
    return int(text)


def _size(text: str) -> Any:
    try:
        return _word(text) or int(TypeAdapter(ByteSize).validate_python(text))
    except ValidationError as error:
        raise typer.BadParameter(f"{text!r} is not a size such as 500MB or 20GiB") from error


def _word(text: str) -> str | None:
    return text if text in {_NONE, DEFAULT} else None


def _option(parser: Callable[[str], Any], metavar: str, text: str) -> Any:
    return typer.Option(parser=parser, metavar=metavar, help=text)


@app.command("show")
def show(
    context: typer.Context,
    tenant: Annotated[
        str | None, typer.Argument(metavar="TENANT", help="Whose; your own when left out.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what a tenant may, and how that stands."""
    _tell(surroundings(context), lambda limits: limits.get(tenant), as_json=as_json)


@app.command("set", epilog=EXAMPLE)
def change(
    context: typer.Context,
    tenant: Tenant,
    *,
    requests: Annotated[Any, _option(_rate, "RATE", "Calls: 600/minute.")] = None,
    jobs: Annotated[Any, _option(_rate, "RATE", "Accepted jobs: 50/h, 10/5s.")] = None,
    queued_jobs: Annotated[Any, _option(_count, "NUMBER", "Jobs that wait at once.")] = None,
    uploads: Annotated[Any, _option(_count, "NUMBER", "Uploads that are kept.")] = None,
    upload_bytes: Annotated[Any, _option(_size, "SIZE", "Their bytes: 500MB, 20GiB.")] = None,
    streams: Annotated[
        Any, _option(_count, "NUMBER", "Open streams of events, at each process of the api.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let a tenant have other limits than the settings say; what is not named stays as it is.

    Instead of each value: `none`, no limit; `default`, as the settings say.
    """
    given = {
        "requests": requests,
        "jobs": jobs,
        "queued_jobs": queued_jobs,
        "uploads": uploads,
        "upload_bytes": upload_bytes,
        "streams": streams,
    }
    wanted = {name: value for name, value in given.items() if value is not None}
    if not wanted:
        raise typer.BadParameter("say which limit: --jobs, --uploads, …")
    _tell(surroundings(context), lambda limits: _changed(limits, tenant, wanted), as_json=as_json)


@app.command("reset")
def reset(context: typer.Context, tenant: Tenant) -> None:
    """Let the settings hold for a tenant again."""
    here = surroundings(context)
    _call(here, lambda limits: limits.reset(tenant))
    here.out.print(f"The settings hold for {tenant}.", markup=False)


@app.command("list")
def list_tenants(context: typer.Context, as_json: AsJson = False) -> None:
    """List the tenants that have limits of their own."""
    here = surroundings(context)
    tenants = _call(here, lambda limits: limits.tenants())
    if as_json:
        print_json(here.out, {"tenants": tenants})
        return
    for tenant in tenants:
        here.out.print(Text(tenant), soft_wrap=True)
    if not tenants:
        here.err.print("The settings hold for all tenants.")


async def _changed(limits: TenantLimits, tenant: str, wanted: dict[str, Any]) -> Limits:
    """What was said before, but for what is wanted now."""
    said = {**(await limits.get(tenant)).said, **wanted}
    values: Any = {
        name: None if value == _NONE else value for name, value in said.items() if value != DEFAULT
    }
    return await limits.change(tenant, **values)


def _tell(
    here: Surroundings, ask: Callable[[TenantLimits], Awaitable[Limits]], *, as_json: bool
) -> None:
    found = _call(here, ask)
    if as_json:
        print_json(here.out, found)
        return
    rows: list[tuple[str, str | Text]] = [("tenant", found.tenant)]
    for name, words in _WORDS.items():
        own = "  (its own)" if name in found.exceptions else ""
        rows.append((words, _standing(getattr(found, name)) + own))
    print_pairs(here.out, rows)


def _standing(limit: RateLimit | Quota | None) -> str:
    if limit is None:
        return "no limit"
    if isinstance(limit, RateLimit):
        return f"{limit.rate}, {limit.left:,} left"
    return f"{limit.used:,} of {limit.limit:,}" if limit.limit else f"{limit.used:,}, no limit"


def _call(here: Surroundings, ask: Callable[[TenantLimits], Awaitable[Answer]]) -> Answer:
    return asyncio.run(_asked(here, ask))


async def _asked(here: Surroundings, ask: Callable[[TenantLimits], Awaitable[Answer]]) -> Answer:
    async with here.client() as client:
        return await ask(client.limits)

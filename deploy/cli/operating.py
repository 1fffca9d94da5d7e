"""`darkroom up`, `down`, `migrate`, `doctor`: running Darkroom on this machine.

What they do is in deploy/local; here is how it is asked for and shown.
"""

import subprocess
import sys
from typing import Annotated

import typer
from rich.text import Text

from deploy.cli.surroundings import Surroundings, surroundings
from deploy.local import stack
from deploy.local.doctor import diagnose
from deploy.local.first_card import NEW_KEY
from deploy.local.settings import CHECKOUT, SERVICES, local_settings

PANEL = "Running it"
_FIRST = "darkroom make card title=Hello -o hello.png"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    for command in (up, down, migrate, doctor):
        app.command(rich_help_panel=PANEL)(command)


def up(
    context: typer.Context,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Stay in the background.")] = False,
) -> None:
    """Start Postgres, RabbitMQ and the three services; Ctrl-C stops them."""
    here = surroundings(context)

    def say(line: str) -> None:
        here.err.print(Text(line, "dim"), soft_wrap=True)

    def ready(info: stack.StackInfo) -> None:
        here.out.print(Text.assemble(("ready", "green"), f"  {info.api}"), soft_wrap=True)
        stop = "darkroom down" if detach else "Ctrl-C"
        for line in (
            f"documentation  {info.api}/docs",
            f"first card     {_FIRST}",
            *([f"first key      {NEW_KEY}"] if info.api_key else []),
            f"stop           {stop}",
        ):
            here.out.print(Text(line, "dim"), soft_wrap=True)

    stack.up(local_settings().home, detach=detach, say=say, on_ready=ready)


def down(context: typer.Context) -> None:
    """Stop what `up` started."""
    here = surroundings(context)
    stopped = stack.down(local_settings().home, say=lambda line: here.err.print(Text(line, "dim")))
    here.out.print("stopped" if stopped else "nothing was running")


def migrate(
    context: typer.Context,
    service: Annotated[
        list[str] | None, typer.Argument(help=f"{', '.join(SERVICES)}; all when none is named.")
    ] = None,
) -> None:
    """Bring the services' databases to their present form."""
    here = surroundings(context)
    unknown = set(service or ()) - set(SERVICES)
    if unknown:
        raise typer.BadParameter(f"there is no service {', '.join(sorted(unknown))}")
    failed = [name for name in service or SERVICES if not _migrate(here, name)]
    if failed:
        raise typer.Exit(1)


def doctor(context: typer.Context) -> None:
    """Say what this machine lacks to run Darkroom, and how to get it."""
    here = surroundings(context)
    findings = diagnose(local_settings())
    for finding in findings:
        sign = ("ok     ", "green") if finding.ok else ("missing", "bold red")
        here.out.print(Text.assemble(sign, f"  {finding.name:<17}{finding.detail}"), soft_wrap=True)
        if not finding.ok and finding.remedy:
            here.out.print(Text(f"{'':26}{finding.remedy}"), soft_wrap=True)
    if not all(finding.ok for finding in findings):
        raise typer.Exit(1)


def _migrate(here: Surroundings, service: str) -> bool:
    command = [sys.executable, "-m", f"services.{service}", "migrate"]
    environment = {**here.environment, **_broker_and_database(here, service)}
    environment.setdefault("DARKROOM_LOG_FORMAT", "console")
    done = subprocess.run(
        command, env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    sign = ("ok    ", "green") if done.returncode == 0 else ("failed", "bold red")
    here.out.print(Text.assemble(sign, f"  {service}"))
    if done.returncode:
        here.err.print(Text((done.stderr or done.stdout).strip()), soft_wrap=True)
    return done.returncode == 0


def _broker_and_database(here: Surroundings, service: str) -> dict[str, str]:
    """Where they are: as the environment says, else as the running stack says."""
    database, broker = f"DARKROOM_{service.upper()}_DATABASE_URL", "DARKROOM_RABBITMQ_URL"
    if here.environment.get(database):
        return {broker: here.environment.get(broker) or "amqp://unused.invalid"}
    info = here.stack(database, f"the {service}'s database")
    return {database: info.databases[service], broker: info.rabbitmq}

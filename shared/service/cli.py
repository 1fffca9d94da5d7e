"""`python -m services.<name> serve | migrate [--check]`, the same for every service."""

import argparse
import asyncio
import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import MetaData

from shared.errors import DarkroomError
from shared.observability.logging import configure_logging
from shared.service.migrate import Migrations
from shared.service.scheduling import finish_before_others
from shared.service.serve import ServiceApp, serve
from shared.service.settings import (
    MigrationSettings,
    ServiceSettings,
    SettingsError,
    load_settings,
    migration_settings,
)

ServiceSettingsT = TypeVar("ServiceSettingsT", bound=ServiceSettings)


def service_main(
    name: str,
    settings: type[ServiceSettingsT],
    build: Callable[[ServiceSettingsT], ServiceApp],
    tables: MetaData,
    arguments: Sequence[str] | None = None,
) -> int:
    """Do what the command line says. Answers the exit code: 0, 1 (failed), 2 (told wrongly)."""
    options = _parser(name).parse_args(arguments)
    try:
        if options.command == "serve":
            return _serve(name, load_settings(settings), build)
        return _migrate(name, migration_settings(settings), tables, check=options.check)
    except SettingsError as error:
        print(f"{name}: {error.detail}", file=sys.stderr)
        return 2
    except DarkroomError as error:
        print(f"{name}: {error.detail}", file=sys.stderr)
        return 1


def _serve(
    name: str, told: ServiceSettingsT, build: Callable[[ServiceSettingsT], ServiceApp]
) -> int:
    configure_logging(name, format=told.log_format, level=told.log_level)
    finish_before_others()
    return serve(lambda: build(told), told)


def _migrate(name: str, told: MigrationSettings, tables: MetaData, *, check: bool) -> int:
    configure_logging(name, format=told.log_format, level=told.log_level)
    migrations = Migrations(name, told.database_url)
    return asyncio.run(_check(migrations, tables) if check else _upgrade(migrations))


def _parser(name: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"python -m services.{name}")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="run the service until SIGTERM")
    migrate = commands.add_parser("migrate", help="bring its database to the newest schema")
    migrate.add_argument("--check", action="store_true", help="change nothing, say what is amiss")
    return parser


async def _upgrade(migrations: Migrations) -> int:
    await migrations.upgrade()
    return 0


async def _check(migrations: Migrations, tables: MetaData) -> int:
    problems = await migrations.problems(tables)
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0

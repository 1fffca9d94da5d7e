"""A fresh database for every test that asks, already migrated: copies of one template a service.

The template is made by the service's own `python -m services.<name> migrate`, once a session.
"""

import asyncio
import itertools
import os
import subprocess
import sys
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncpg
from sqlalchemy.engine import make_url


class Databases:
    """Makes databases on one server and drops them again."""

    def __init__(self, admin_url: str) -> None:
        self._admin_url = admin_url
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}

    def create(self, service: str | None) -> str:
        """The URL of a new database: empty, or with the tables of that service."""
        template = self._template(service) if service else "template1"
        return self._create(f"test_{next(self._numbers)}", template)

    def drop(self, url: str) -> None:
        """Drop it, whoever is still connected."""
        execute(self._admin_url, f'DROP DATABASE "{make_url(url).database}" WITH (FORCE)')

    def _template(self, service: str) -> str:
        if service not in self._templates:
            name = f"template_{service}"
            migrate(service, self._create(name, "template1"))
            self._templates[service] = name
        return self._templates[service]

    def _create(self, name: str, template: str) -> str:
        execute(self._admin_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        url = make_url(self._admin_url).set(database=name)
        return url.render_as_string(hide_password=False)


def migrate(service: str, database_url: str) -> None:
    """Run the service's migrations, as a deployment would."""
    variables = {f"DARKROOM_{service.upper()}_DATABASE_URL": database_url}
    done = subprocess.run(
        [sys.executable, "-m", f"services.{service}", "migrate"],
        env=os.environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{service} migrate:\n{done.stdout}{done.stderr}"


def execute(url: str, *statements: str) -> None:
    """Run statements outside of any transaction, whether or not an event loop is running here."""
    _in_a_thread(_execute(url, statements))


def query(url: str, statement: str, *arguments: Any) -> list[dict[str, Any]]:
    """The rows of one statement (`$1` for arguments), as dictionaries."""
    rows: list[dict[str, Any]] = _in_a_thread(_query(url, statement, arguments))
    return rows


async def _execute(url: str, statements: tuple[str, ...]) -> None:
    connection = await asyncpg.connect(_dsn(url))
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def _query(url: str, statement: str, arguments: tuple[Any, ...]) -> list[dict[str, Any]]:
    connection = await asyncpg.connect(_dsn(url))
    try:
        return [dict(row) for row in await connection.fetch(statement, *arguments)]
    finally:
        await connection.close()


def _dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)


def _in_a_thread(work: Coroutine[Any, Any, Any]) -> Any:
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()

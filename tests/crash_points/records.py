"""What stands in the databases of the three services, read over connections that stay open."""

import asyncio
from collections.abc import Mapping
from typing import Any

import asyncpg


class Records:
    """Has an event loop of its own, for tests that have none."""

    def __init__(self, databases: Mapping[str, str]) -> None:
        self._loop = asyncio.new_event_loop()
        self._connections = {
            service: self._loop.run_until_complete(asyncpg.connect(_dsn(url)))
            for service, url in databases.items()
        }

    def rows(self, service: str, statement: str, *given: Any) -> list[dict[str, Any]]:
        """The rows of one statement (`$1` for what is given)."""
        found = self._loop.run_until_complete(self._connections[service].fetch(statement, *given))
        return [dict(row) for row in found]

    def count(self, service: str, what: str) -> int:
        """How many rows of `table WHERE …`."""
        [row] = self.rows(service, f"SELECT count(*) AS n FROM {what}")
        return int(row["n"])

    def close(self) -> None:
        for connection in self._connections.values():
            self._loop.run_until_complete(connection.close())
        self._loop.close()


def _dsn(url: str) -> str:
    return url.replace("postgresql+asyncpg://", "postgresql://", 1)

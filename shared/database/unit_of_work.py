"""One transaction per unit of work: a clean exit commits, an exception rolls back.

Nothing else calls commit. Each service's unit of work names its repositories:

    class ApiUnitOfWork(UnitOfWork):
        def open(self, connection: AsyncConnection) -> None:
            self.jobs = MediaRequestRepository(connection)
            self.outbox = Outbox(connection)

`after_commit` is called once the commit has succeeded: it wakes the outbox relay. A unit of work
lasts no longer than `within`, from waiting for a connection to the commit: then it raises
`DatabaseUnavailableError`, and whether a commit under way has succeeded is not known.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.database.away import DatabaseUnavailableError

PATIENCE = timedelta(seconds=30)


class UnitOfWork(ABC):
    """Use as `async with unit_of_work() as work:`; an instance is used once."""

    def __init__(
        self,
        engine: AsyncEngine,
        after_commit: Callable[[], None] | None = None,
        *,
        within: timedelta = PATIENCE,
    ) -> None:
        self._engine = engine
        self._after_commit = after_commit
        self._within = within.total_seconds()
        self._connection: AsyncConnection | None = None

    @abstractmethod
    def open(self, connection: AsyncConnection) -> None:
        """Build the repositories on the open transaction's connection."""

    async def __aenter__(self) -> Self:
        self._limit = asyncio.timeout(self._within)
        await self._limit.__aenter__()
        try:
            self._connection = await self._begin()
        except BaseException as error:
            await self._leave(error)
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            await self._end(commit=error is None)
        except BaseException as failure:
            await self._leave(failure)
            raise
        await self._leave(error)
        if error is None and self._after_commit is not None:
            self._after_commit()

    async def _begin(self) -> AsyncConnection:
        connection = await self._engine.connect()
        try:
            await connection.begin()
            self.open(connection)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _end(self, *, commit: bool) -> None:
        connection, self._connection = self._connection, None
        assert connection is not None, "a unit of work is entered before it is left"
        try:
            if commit:
                await connection.commit()
        finally:
            await connection.close()

    async def _leave(self, error: BaseException | None) -> None:
        """Stop counting; raises where it was the limit that ended the work."""
        try:
            await self._limit.__aexit__(type(error) if error else None, error, None)
        except TimeoutError as late:
            raise DatabaseUnavailableError(
                f"The database did not answer within {self._within:g} s."
            ) from late

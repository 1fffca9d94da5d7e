"""One transaction per unit of work: a clean exit commits, an exception rolls back.

Nothing else calls commit. Each service's unit of work names its repositories:

    class ApiUnitOfWork(UnitOfWork):
        def open(self, connection: Connection) -> None:
            self.jobs = MediaRequestRepository(connection)
            self.outbox = Outbox(connection)

The transaction begins with the first statement. Where a single statement is the whole work, say so
(`work.alone()`) before it: it then is its own transaction, and saves two round trips.

`after_commit` is given what the repositories handed over (the messages that the outbox relay
publishes) once the commit has succeeded. A unit of work lasts no longer than `within`, from waiting
for a connection to the commit: then it raises `DatabaseUnavailableError`, and whether a commit
under way has succeeded is not known.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Self

from shared.database.away import DatabaseUnavailableError
from shared.database.connection import Connection
from shared.database.engine import Engine

PATIENCE = timedelta(seconds=30)
AfterCommit = Callable[[Sequence[Any]], None]


class UnitOfWork(ABC):
    """Use as `async with unit_of_work() as work:`; an instance is used once."""

    def __init__(
        self,
        engine: Engine,
        after_commit: AfterCommit | None = None,
        *,
        within: timedelta = PATIENCE,
    ) -> None:
        self._engine = engine
        self._after_commit = after_commit
        self._within = within.total_seconds()
        self._connection: Connection | None = None

    @abstractmethod
    def open(self, connection: Connection) -> None:
        """Build the repositories on the connection of this unit of work."""

    def alone(self) -> None:
        """One statement follows, and nothing after it: it needs no transaction around it.

        It is committed when it has been carried out, whatever happens afterwards.
        """
        assert self._connection is not None, "a unit of work is entered before it is used"
        self._connection.be_alone()

    async def __aenter__(self) -> Self:
        self._limit = asyncio.timeout(self._within)
        await self._limit.__aenter__()
        try:
            self._connection = await self._engine.lend()
            self._connection.hands_over = self._after_commit is not None
            self._connection.transact()
            self.open(self._connection)
        except BaseException as error:
            await self._end(commit=False)
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
            handed_over = await self._end(commit=error is None)
        except BaseException as failure:
            await self._leave(failure)
            raise
        await self._leave(error)
        if error is None and self._after_commit is not None:
            self._after_commit(handed_over)

    async def _end(self, *, commit: bool) -> Sequence[Any]:
        connection, self._connection = self._connection, None
        if connection is None:
            return ()
        try:
            if commit:
                await connection.commit()
        finally:
            await self._engine.take_back(connection)
        return connection.handed_over

    async def _leave(self, error: BaseException | None) -> None:
        """Stop counting; raises where it was the limit that ended the work."""
        try:
            await self._limit.__aexit__(type(error) if error else None, error, None)
        except TimeoutError as late:
            raise DatabaseUnavailableError(
                f"The database did not answer within {self._within:g} s."
            ) from late

"""One transaction per unit of work: a clean exit commits, an exception rolls back.

Nothing else calls commit. Each service's unit of work names its repositories:

    class ApiUnitOfWork(UnitOfWork):
        def open(self, connection: AsyncConnection) -> None:
            self.jobs = MediaRequestRepository(connection)
            self.outbox = Outbox(connection)

`after_commit` is called once the commit has succeeded: it wakes the outbox relay.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class UnitOfWork(ABC):
    """Use as `async with unit_of_work() as work:`; an instance is used once."""

    def __init__(self, engine: AsyncEngine, after_commit: Callable[[], None] | None = None) -> None:
        self._engine = engine
        self._after_commit = after_commit
        self._connection: AsyncConnection | None = None

    @abstractmethod
    def open(self, connection: AsyncConnection) -> None:
        """Build the repositories on the open transaction's connection."""

    async def __aenter__(self) -> Self:
        connection = await self._engine.connect()
        try:
            await connection.begin()
            self.open(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection = self._connection
        assert connection is not None, "a unit of work is entered before it is left"
        self._connection = None
        try:
            if kind is None:
                await connection.commit()
        finally:
            await connection.close()
        if kind is None and self._after_commit is not None:
            self._after_commit()

"""One connection to Postgres: statements prepared once, sent straight through the driver.

Beside `execute` it knows what a unit of work needs: a transaction, and what is to be handed over
once that has committed. Neighbours: `engine` lends connections, `unit_of_work` begins and commits.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause

from shared.database.away import why_lost
from shared.database.result import Result
from shared.database.statements import rendered

NOTHING: Mapping[str, Any] = {}


class Connection:
    """A connection while it is lent to somebody; a `broken` one is not lent again.

    Each statement is its own transaction, unless one was begun (`begin`) or is to begin with the
    first statement (`transact`). `handed_over` is what a transaction leaves behind for whoever
    waits for its commit; `hands_over` says whether anybody does.
    """

    def __init__(self, driver: Any, prepared: dict[str, Any]) -> None:
        self.driver = driver
        self.broken = False
        self.hands_over = False
        self.handed_over: list[Any] = []
        self._prepared = prepared
        self._begins = False
        self._in_transaction = False
        self._left: int | None = None

    async def execute(self, clause: TextClause, parameters: Mapping[str, Any] = NOTHING) -> Result:
        """Carry out one statement.

        Raises `asyncpg.PostgresError` for what is wrong with it, `DatabaseUnavailableError` where
        the connection does not carry it any more.
        """
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise RuntimeError("a unit of work of one statement has had it")
        elif self._begins:
            await self.begin()
        statement = rendered(clause)
        try:
            prepared = self._prepared.get(statement.sql)
            if prepared is None:
                prepared = await self._prepare(statement.sql)
            rows = await prepared.fetch(*statement.arguments(parameters))
        except BaseException as error:
            self._note(error)
            raise
        return Result(rows, prepared.get_statusmsg())

    async def _prepare(self, sql: str) -> Any:
        """Under a name: the driver has Postgres parse and plan a nameless one at each use."""
        prepared = await self.driver.prepare(sql, name=f"darkroom_{len(self._prepared)}")
        self._prepared[sql] = prepared
        return prepared

    def transact(self) -> None:
        """Begin with the first statement."""
        self._begins = True

    def be_alone(self) -> None:
        """One statement follows, and it is its own transaction."""
        if self._in_transaction:
            raise RuntimeError("a transaction has begun already")
        self._begins, self._left = False, 1

    async def begin(self) -> None:
        """Begin a transaction."""
        await self._tell("BEGIN")
        self._begins, self._in_transaction = False, True

    async def commit(self) -> None:
        """Commit what was begun, if anything was."""
        if self._in_transaction:
            self._in_transaction = False
            await self._tell("COMMIT")

    async def rollback(self) -> None:
        """Undo what was begun, if anything was."""
        if self._in_transaction:
            self._in_transaction = False
            await self._tell("ROLLBACK")

    async def _tell(self, command: str) -> None:
        try:
            await self.driver.execute(command)
        except BaseException as error:
            self._note(error)
            raise

    def _note(self, error: BaseException) -> None:
        """What has failed, or what somebody stopped waiting for, cannot be used any more."""
        if not isinstance(error, Exception):
            self.broken = True
        elif lost := why_lost(error, closed=self.driver.is_closed()):
            self.broken = True
            raise lost from error

"""What a database that is away does to its clients, under one name.

The driver raises the operating system's errors as they are; anybody's bug can raise the same. So
they are renamed here, where they come from a connection, and nowhere else counts a bare `OSError`
as passing. A connection that failed, or whose answer nobody waited for, is never used again, and
neither are those that were opened before it.
"""

import time
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.errors import RetryableError


class DatabaseUnavailableError(RetryableError):
    """Postgres cannot be reached, or did not answer in time; whether it did the work is unknown."""


def watch_connections(engine: AsyncEngine) -> None:
    """Name failures of this engine's connections, and hand out none that leads nowhere."""
    watch = _Watch()
    event.listen(engine.sync_engine, "do_connect", watch.connect)
    event.listen(engine.sync_engine, "handle_error", watch.on_error)
    event.listen(engine.sync_engine, "checkout", watch.refuse_closed)
    event.listen(engine.sync_engine, "invalidate", watch.drop)
    event.listen(engine.sync_engine, "close", watch.drop_distrusted)


class _Watch:
    """Listens to one engine. `distrusted`: what was opened before this moment."""

    def __init__(self) -> None:
        self._distrusted = 0.0

    def connect(self, dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        try:
            return dialect.loaded_dbapi.connect(*arguments, **options)
        except TimeoutError as error:
            raise DatabaseUnavailableError("Postgres does not answer.") from error
        except OSError as error:
            raise DatabaseUnavailableError(f"Postgres cannot be reached: {error}") from error

    def on_error(self, context: ExceptionContext) -> None:
        """In a statement or a commit: raised by the driver, or by whoever stopped waiting."""
        error = context.original_exception
        if not isinstance(error, Exception):
            self._distrust(context)
        elif (happened := _lost(error)) is not None:
            self._distrust(context)
            raise DatabaseUnavailableError(happened) from error

    def refuse_closed(self, connection: Any, _record: Any, _proxy: Any) -> None:
        """The pool then opens another one: so the first request after a restart succeeds."""
        if connection.driver_connection.is_closed():
            raise DisconnectionError("closed by Postgres")

    def drop(self, connection: Any, _record: Any, _error: BaseException | None) -> None:
        """Without a goodbye, which a database that hangs would let us wait for."""
        connection.driver_connection.terminate()

    def drop_distrusted(self, connection: Any, record: Any) -> None:
        if record.starttime < self._distrusted:
            connection.driver_connection.terminate()

    def _distrust(self, context: ExceptionContext) -> None:
        context.is_disconnect = context.invalidate_pool_on_disconnect = True
        self._distrusted = time.time()


def _lost(error: BaseException) -> str | None:
    """What happened to the connection; None when the statement itself is at fault."""
    if isinstance(error, TimeoutError):
        return "Postgres did not answer in time."
    if isinstance(error, OSError):
        return f"The connection to Postgres was lost: {error}"
    if isinstance(error.__cause__, asyncpg.InternalClientError):
        # Postgres has said goodbye, and the driver has not read yet that the connection ended.
        return f"The connection to Postgres cannot be used any more: {error.__cause__}"
    return None


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """The pool then opens another one: so the first request after a restart succeeds."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("closed by Postgres")


def _drop(connection: Any, _record: Any, _error: BaseException | None) -> None:
    """Without a goodbye, which a database that hangs would let us wait for."""
    connection.driver_connection.terminate()

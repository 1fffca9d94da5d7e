"""What a database that is away does to its clients, under one name.

The driver raises the operating system's errors as they are; anybody's bug can raise the same. So
they are renamed here, where they come from a connection, and nowhere else counts a bare `OSError`
as passing. Neighbours: `connection` meets them in statements, `engine` when it connects.
"""

import asyncpg

from shared.errors import RetryableError


class DatabaseUnavailableError(RetryableError):
    """Postgres cannot be reached, or did not answer in time; whether it did the work is unknown."""


def why_not_connected(error: Exception) -> DatabaseUnavailableError | None:
    """The name of what kept us from connecting; None when Postgres itself has refused us."""
    if isinstance(error, TimeoutError):
        return DatabaseUnavailableError("Postgres does not answer.")
    if isinstance(error, OSError):
        return DatabaseUnavailableError(f"Postgres cannot be reached: {error}")
    return None


def why_lost(error: Exception, *, closed: bool) -> DatabaseUnavailableError | None:
    """The name of what happened to the connection; None when the statement itself is at fault.

    `closed`: the driver says that the connection has ended.
    """
    if isinstance(error, TimeoutError):
        return DatabaseUnavailableError("Postgres did not answer in time.")
    if isinstance(error, OSError):
        return DatabaseUnavailableError(f"The connection to Postgres was lost: {error}")
    if isinstance(error, asyncpg.InternalClientError | asyncpg.PostgresConnectionError):
        return DatabaseUnavailableError(
            f"The connection to Postgres cannot be used any more: {error}"
        )
    if isinstance(error, asyncpg.InvalidCachedStatementError):
        return DatabaseUnavailableError(f"The database was migrated meanwhile: {error}")
    if closed and isinstance(error, asyncpg.InterfaceError | asyncpg.PostgresError):
        return DatabaseUnavailableError(f"The connection to Postgres has ended: {error}")
    return None

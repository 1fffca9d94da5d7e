"""Which errors pass by themselves, so that the work is tried again as it is.

Only what has a name: a bare `OSError` or `TimeoutError` out of a handler is a bug, and waiting for
it to pass would be waiting for ever. Neighbour: `away` names what failing connections raise.
"""

import asyncpg

from shared.errors import RetryableError

PASSING_STATES = ("08", "25P03", "40", "53", "55P03", "57")
"""SQLSTATE: connection, idle too long, rollback (deadlock), resources, lock not there, operator.

Source: PostgreSQL documentation, appendix A."""

NOT_DEPLOYED_STATES = ("28", "3D000", "42P01", "42703")
"""SQLSTATE: no access, no such database, no such table or column: nobody has migrated it yet.

No message is at fault then, so none is dead-lettered for it; readiness says what is wrong."""


def is_transient(error: BaseException) -> bool:
    """True when the same statement may succeed later without any change."""
    if isinstance(error, RetryableError):
        return True
    return _state(error).startswith(PASSING_STATES + NOT_DEPLOYED_STATES)


def is_not_deployed(error: BaseException) -> bool:
    """True when the database is there but not as this service needs it."""
    return _state(error).startswith(NOT_DEPLOYED_STATES)


def _state(error: BaseException) -> str:
    """The SQLSTATE of what Postgres said, also through SQLAlchemy, which migrations use."""
    said = getattr(error, "orig", error)
    state = getattr(said, "sqlstate", None)
    is_of_postgres = isinstance(said, asyncpg.PostgresError) or said is not error
    return state if is_of_postgres and isinstance(state, str) else "none"

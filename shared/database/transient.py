"""Which errors pass by themselves, so that the work is tried again as it is.

Only what has a name: a bare `OSError` or `TimeoutError` out of a handler is a bug, and waiting for
it to pass would be waiting for ever. Neighbour: `away` names what failing connections raise.
"""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.errors import RetryableError

PASSING_STATES = ("08", "25P03", "40", "53", "55P03", "57")
"""SQLSTATE: connection, idle too long, rollback (deadlock), resources, lock not there, operator.

Source: PostgreSQL documentation, appendix A."""

NOT_DEPLOYED_STATES = ("28", "3D000", "42P01", "42703")
"""SQLSTATE: no access, no such database, no such table or column: nobody has migrated it yet.

No message is at fault then, so none is dead-lettered for it; readiness says what is wrong."""


def is_transient(error: BaseException) -> bool:
    """True when the same statement may succeed later without any change."""
    if isinstance(error, RetryableError | PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(PASSING_STATES + NOT_DEPLOYED_STATES)
    return isinstance(error, OperationalError | InterfaceError)


def is_not_deployed(error: BaseException) -> bool:
    """True when the database is there but not as this service needs it."""
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return isinstance(state, str) and state.startswith(NOT_DEPLOYED_STATES)

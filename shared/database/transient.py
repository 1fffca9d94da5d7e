"""Which errors of a database pass by themselves, so that the work is tried again as it is."""

import asyncio

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.errors import RetryableError

PASSING_STATES = ("08", "40", "53", "57P", "55P03")
"""SQLSTATE: connection, rollback (deadlock, serialization), resources, shutdown, lock not there.

Source: PostgreSQL documentation, appendix A."""


def is_transient(error: BaseException) -> bool:
    """True when the same statement may succeed later without any change."""
    if isinstance(error, RetryableError | OSError | asyncio.TimeoutError | PoolTimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(PASSING_STATES)
    return isinstance(error, OperationalError | InterfaceError)

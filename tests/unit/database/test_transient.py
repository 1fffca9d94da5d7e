"""Which failures of a database pass by themselves."""

from typing import Any

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError

from shared.database.away import DatabaseUnavailableError, why_lost, why_not_connected
from shared.database.transient import is_not_deployed, is_transient
from shared.errors import InvalidInputError, RetryableError


def an_error(sqlstate: str) -> asyncpg.PostgresError:
    error = asyncpg.PostgresError("driver")
    error.sqlstate = sqlstate
    return error


@pytest.mark.parametrize(
    "sqlstate", ["08006", "40001", "40P01", "53300", "57P01", "57P03", "57014", "55P03", "25P03"]
)
def test_what_passes_by_itself_is_tried_again(sqlstate: str) -> None:
    assert is_transient(an_error(sqlstate))


@pytest.mark.parametrize("sqlstate", ["23505", "22P02", "42601", "22001"])
def test_what_the_statement_itself_does_wrong_is_not(sqlstate: str) -> None:
    assert not is_transient(an_error(sqlstate))


@pytest.mark.parametrize("sqlstate", ["28P01", "3D000", "42P01", "42703"])
def test_a_database_that_nobody_has_migrated_is_no_fault_of_the_work(sqlstate: str) -> None:
    assert is_transient(an_error(sqlstate))
    assert is_not_deployed(an_error(sqlstate))


@pytest.mark.parametrize(
    "error",
    [
        DatabaseUnavailableError(),
        RetryableError(),
        why_not_connected(ConnectionRefusedError("refused")),
        why_not_connected(TimeoutError()),
        why_lost(ConnectionResetError("reset"), closed=False),
        why_lost(TimeoutError(), closed=False),
        why_lost(asyncpg.InterfaceError("connection is closed"), closed=True),
        why_lost(asyncpg.InternalClientError("got out of step"), closed=False),
        why_lost(asyncpg.InvalidCachedStatementError("migrated"), closed=False),
    ],
    ids=lambda error: type(error).__name__,
)
def test_connections_that_are_away_come_back(error: Exception | None) -> None:
    assert error is not None
    assert is_transient(error)
    assert not is_not_deployed(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        KeyError("x"),
        InvalidInputError(),
        asyncpg.PostgresError("without a state"),
        asyncpg.InterfaceError("wrong number of arguments"),
        OSError("of anybody"),
        TimeoutError("of anybody"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_bugs_and_refusals_are_not_tried_again(error: Exception) -> None:
    assert not is_transient(error)


def test_migrations_speak_through_sqlalchemy() -> None:
    driver: Any = an_error("57P03")
    assert is_transient(DBAPIError("SELECT 1", {}, driver))
    assert not is_transient(DBAPIError("SELECT 1", {}, Exception("no state")))


def test_what_is_wrong_with_a_statement_is_not_blamed_on_the_connection() -> None:
    assert why_lost(an_error("23505"), closed=False) is None
    assert why_lost(asyncpg.InterfaceError("wrong arguments"), closed=False) is None
    assert why_not_connected(ValueError("bug")) is None

"""Which failures of a database pass by themselves."""

import pytest
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.database.away import DatabaseUnavailableError
from shared.database.transient import is_not_deployed, is_transient
from shared.errors import InvalidInputError, RetryableError


class DriverError(Exception):
    """An error of the driver with its SQLSTATE."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("driver")
        self.sqlstate = sqlstate


def an_error(sqlstate: str | None, *, invalidated: bool = False) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, DriverError(sqlstate), connection_invalidated=invalidated)


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
        an_error("22000", invalidated=True),
        DatabaseUnavailableError(),
        PoolTimeoutError(),
        RetryableError(),
        InterfaceError("SELECT 1", {}, Exception("connection is closed")),
    ],
    ids=lambda error: type(error).__name__,
)
def test_connections_that_are_away_come_back(error: Exception) -> None:
    assert is_transient(error)
    assert not is_not_deployed(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        KeyError("x"),
        InvalidInputError(),
        an_error(None),
        OSError("of anybody"),
        TimeoutError("of anybody"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_bugs_and_refusals_are_not_tried_again(error: Exception) -> None:
    assert not is_transient(error)

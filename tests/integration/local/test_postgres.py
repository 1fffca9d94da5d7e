"""The embedded Postgres."""

from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.postgres_roles import DRIVER


@pytest.fixture(scope="module")
def postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """In a folder that is too deep for a socket, and closed to everybody else."""
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    postgres = EmbeddedPostgres(closed / ("deep" * 30))
    postgres.start()
    yield postgres
    postgres.stop()


async def _connect(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url.replace(DRIVER, "postgresql"))


async def test_a_role_owns_its_database(postgres: EmbeddedPostgres) -> None:
    connection = await _connect(postgres.create_database("darkroom_api"))
    await connection.execute("CREATE TABLE mine ()")
    assert await connection.fetchval("SELECT current_user") == "darkroom_api"
    await connection.close()


async def test_a_role_reaches_no_other_database(postgres: EmbeddedPostgres) -> None:
    urls = postgres.create_databases(["darkroom_generator", "darkroom_notifier"])
    elsewhere = urls["darkroom_generator"].replace("/darkroom_generator?", "/darkroom_notifier?")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await _connect(elsewhere)


async def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("darkroom_api")
    with pytest.raises(asyncpg.InvalidPasswordError):
        await _connect(url.replace("darkroom_api:", "darkroom_api:not"))


async def test_what_was_committed_survives_a_crash(postgres: EmbeddedPostgres) -> None:
    url = postgres.create_database("crash")
    connection = await _connect(url)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    postgres.kill()
    postgres.start()
    assert postgres.create_database("crash") == url, "making it again changes nothing"
    connection = await _connect(url)
    assert await connection.fetchval("SELECT answer FROM kept") == 42
    await connection.close()


async def test_it_is_set_up_for_a_job_system(postgres: EmbeddedPostgres) -> None:
    connection = await _connect(postgres.admin_url)
    assert await connection.fetchval("SHOW fsync") == "on"
    assert await connection.fetchval("SHOW max_connections") == "200"
    assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "1min"
    await connection.close()

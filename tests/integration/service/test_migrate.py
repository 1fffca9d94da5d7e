"""Migrations on Postgres: they make what the models say, once, whoever runs them and how often."""

import asyncio
from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import MetaData, make_url

from shared.service.migrate import MigrationError, Migrations
from tests.backends.databases import execute, query
from tests.conftest import MakeDatabase

TABLES = {"api": "ApiTable", "generator": "GeneratorTable", "notifier": "NotifierTable"}


def tables_of(service: str) -> MetaData:
    """The models of a service."""
    models = import_module(f"services.{service}.models")
    metadata: MetaData = getattr(models, TABLES[service]).metadata
    return metadata


@pytest.mark.parametrize("service", TABLES)
async def test_the_migrated_schema_is_what_the_models_say(
    make_database: MakeDatabase, service: str
) -> None:
    migrations = Migrations(service, make_database(service))
    assert await migrations.problems(tables_of(service)) == []


async def test_what_the_models_lack_is_named(make_database: MakeDatabase) -> None:
    url = make_database("notifier")
    execute(url, "ALTER TABLE verdict ADD COLUMN mood text")
    [problem] = await Migrations("notifier", url).problems(tables_of("notifier"))
    assert "mood" in problem


async def test_a_database_that_was_never_migrated_says_so(make_database: MakeDatabase) -> None:
    migrations = Migrations("notifier", make_database(None))
    [problem] = await migrations.problems(tables_of("notifier"))
    assert problem == f"the database is at revision None, the newest is {migrations.head}"


async def test_migrating_again_changes_nothing(make_database: MakeDatabase) -> None:
    migrations = Migrations("notifier", make_database("notifier"))
    assert await migrations.upgrade() == await migrations.revision() == migrations.head


async def test_of_many_at_once_one_migrates_and_all_succeed(make_database: MakeDatabase) -> None:
    url = make_database(None)
    done = await asyncio.gather(*(Migrations("notifier", url).upgrade() for _ in range(4)))
    assert len(set(done)) == 1
    assert query(url, "SELECT count(*) AS n FROM verdict") == [{"n": 0}]


async def test_a_wrong_name_is_told_at_once_and_without_the_password(
    make_database: MakeDatabase,
) -> None:
    url = make_url(make_database(None)).set(database="nowhere", password="secret")
    migrations = Migrations("notifier", url.render_as_string(hide_password=False))
    with pytest.raises(MigrationError) as problem:
        await asyncio.wait_for(migrations.upgrade(), timeout=10)
    assert "DARKROOM_NOTIFIER_DATABASE_URL" in problem.value.detail
    assert "secret" not in problem.value.detail


async def test_a_database_that_never_answers_is_not_waited_for_for_ever() -> None:
    migrations = Migrations("notifier", "postgresql://u@127.0.0.1:1/x", wait=timedelta())
    with pytest.raises(MigrationError, match="no access to"):
        await migrations.upgrade()

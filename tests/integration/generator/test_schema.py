"""The migrated schema and the models say the same."""

from services.generator.models import GeneratorTable
from shared.service.migrate import Migrations


async def test_migrations_make_what_the_models_describe(database_url: str) -> None:
    migrations = Migrations("generator", database_url)

    assert await migrations.problems(GeneratorTable.metadata) == []

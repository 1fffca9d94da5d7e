"""The catalogue of announced generators."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.api.models import AnnouncedGenerator
from shared.database.jsonb import to_jsonb

_ADD = text("""
INSERT INTO generator AS g (name, version, description, input_schema, media_types, example,
  announced_at)
SELECT n.name, n.version, n.description, CAST(n.input_schema AS json),
  CAST(n.media_types AS json), CAST(n.example AS json), n.announced_at
FROM unnest(
  CAST(:names AS text[]), CAST(:versions AS text[]), CAST(:descriptions AS text[]),
  CAST(:input_schemas AS text[]), CAST(:media_types AS text[]), CAST(:examples AS text[]),
  CAST(:announced_ats AS timestamptz[])
) AS n(name, version, description, input_schema, media_types, example, announced_at)
ORDER BY n.name
ON CONFLICT (name) DO UPDATE SET version = excluded.version, description = excluded.description,
  input_schema = excluded.input_schema, media_types = excluded.media_types,
  example = excluded.example, announced_at = excluded.announced_at
  WHERE excluded.announced_at > g.announced_at
""")

_LIST = text("""
SELECT name, version, description, input_schema, media_types,
  example, announced_at FROM generator ORDER BY name
""")


class GeneratorRepository:
    """Generators as they were last announced."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, generators: Sequence[AnnouncedGenerator]) -> None:
        """Keep the newest announcement of each; no name twice in `generators`."""
        await self._connection.execute(
            _ADD,
            {
                "names": [one.name for one in generators],
                "versions": [one.version for one in generators],
                "descriptions": [one.description for one in generators],
                "input_schemas": [to_jsonb(one.input_schema) for one in generators],
                "media_types": [to_jsonb(one.media_types) for one in generators],
                "examples": [to_jsonb(one.example) for one in generators],
                "announced_ats": [one.announced_at for one in generators],
            },
        )

    async def list_all(self) -> list[AnnouncedGenerator]:
        """Every generator, by name."""
        rows = await self._connection.execute(_LIST)
        return [
            AnnouncedGenerator(
                name=row["name"],
                version=row["version"],
                description=row["description"],
                input_schema=row["input_schema"],
                media_types=tuple(row["media_types"]),
                example=row["example"],
                announced_at=row["announced_at"],
            )
            for row in rows.mappings()
        ]

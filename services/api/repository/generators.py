"""The catalogue of announced generators."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text

from services.api.models import AnnouncedGenerator, ControlWish
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb
from shared.events import Action

_ADD = text("""
INSERT INTO generator AS g (name, version, description, input_schema, media_types, example,
  paused, announced_at, max_cost)
SELECT n.name, n.version, n.description, CAST(n.input_schema AS json),
  CAST(n.media_types AS json), CAST(n.example AS json), n.paused, n.announced_at,
  n.max_cost
FROM unnest(
  CAST(:names AS text[]), CAST(:versions AS text[]), CAST(:descriptions AS text[]),
  CAST(:input_schemas AS text[]), CAST(:media_types AS text[]), CAST(:examples AS text[]),
  CAST(:paused AS boolean[]), CAST(:announced_ats AS timestamptz[]),
  CAST(:max_costs AS numeric[])
) AS n(name, version, description, input_schema, media_types, example, paused, announced_at,
  max_cost)
ORDER BY n.name
ON CONFLICT (name) DO UPDATE SET version = excluded.version, description = excluded.description,
  input_schema = excluded.input_schema, media_types = excluded.media_types,
  example = excluded.example, paused = excluded.paused,
  announced_at = excluded.announced_at, max_cost = excluded.max_cost
  WHERE excluded.announced_at > g.announced_at
""")

_LIST = text("""
SELECT name, version, description, input_schema, media_types,
  example, paused, announced_at, max_cost FROM generator ORDER BY name
""")

# One wish at a time, or two processes could take the same moment.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtext('generator_control'))")
_WISH = text("""
INSERT INTO generator_control AS c (generator, action, requested_at)
SELECT :generator, :action, greatest(CAST(:now AS timestamptz),
  (SELECT max(requested_at) FROM generator_control) + interval '1 microsecond')
ON CONFLICT (generator) DO UPDATE SET action = excluded.action,
  requested_at = excluded.requested_at
RETURNING requested_at
""")


class GeneratorRepository:
    """Generators as they were last announced, and what operators want of them."""

    def __init__(self, connection: Connection) -> None:
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
                "paused": [one.paused for one in generators],
                "announced_ats": [one.announced_at for one in generators],
                "max_costs": [one.max_cost for one in generators],
            },
        )

    async def wish(self, action: Action, generator: str | None, now: datetime) -> ControlWish:
        """Note that operators want this of a generator (None: of all).

        It gets the moment `now`, or one just after the last wish, whichever comes later.
        """
        await self._connection.execute(_TAKE_TURNS)
        values = {"generator": generator or "", "action": action.value, "now": now}
        requested_at = (await self._connection.execute(_WISH, values)).scalar_one()
        return ControlWish(action, generator, requested_at)

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
                paused=row["paused"],
                announced_at=row["announced_at"],
                max_cost=row["max_cost"],
            )
            for row in rows.mappings()
        ]

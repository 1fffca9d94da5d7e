"""Which generators are paused: the newest word about one of them, or about all, counts."""

from collections.abc import Sequence

from sqlalchemy import text

from services.generator.models import EVERY_GENERATOR, ControlWord
from shared.database.connection import Connection

_NEWEST_SAYS_PAUSED = f"""
coalesce((SELECT paused FROM control WHERE control.generator IN (name, '{EVERY_GENERATOR}')
  ORDER BY said_at DESC, message_id DESC LIMIT 1), false)
"""
AWAKE = f"""
SELECT name FROM unnest(CAST(:generators AS text[])) AS name WHERE NOT {_NEWEST_SAYS_PAUSED}
"""
"""Those of `:generators` that are not paused; a subquery of the claim."""

_PAUSED = text(f"""
SELECT name FROM unnest(CAST(:generators AS text[])) AS name WHERE {_NEWEST_SAYS_PAUSED}
""")

# Words may come late and more than once, so a row only ever moves forward in time.
_RECORD = text("""
INSERT INTO control (generator, paused, said_at, message_id)
SELECT DISTINCT ON (generator) generator, paused, said_at, message_id FROM unnest(
  CAST(:generators AS text[]), CAST(:paused AS boolean[]), CAST(:said_ats AS timestamptz[]),
  CAST(:message_ids AS text[])
) AS word(generator, paused, said_at, message_id)
ORDER BY generator, said_at DESC, message_id DESC
ON CONFLICT (generator) DO UPDATE
SET paused = excluded.paused, said_at = excluded.said_at, message_id = excluded.message_id
WHERE (control.said_at, control.message_id) < (excluded.said_at, excluded.message_id)
RETURNING generator
""")


class ControlRepository:
    """The words of operators."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def record(self, words: Sequence[ControlWord]) -> bool:
        """Keep the newest. Answers whether any of these was."""
        result = await self._connection.execute(
            _RECORD,
            {
                "generators": [word.generator for word in words],
                "paused": [word.paused for word in words],
                "said_ats": [word.said_at for word in words],
                "message_ids": [word.message_id for word in words],
            },
        )
        return bool(result.all())

    async def list_paused(self, generators: Sequence[str]) -> frozenset[str]:
        """Those of them that are paused."""
        rows = await self._connection.execute(_PAUSED, {"generators": list(generators)})
        return frozenset(rows.scalars())

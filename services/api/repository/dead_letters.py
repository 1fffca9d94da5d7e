"""The store of dead letters: adding to it and looking into it.

Neighbour: `dead_letter_claims` takes letters out of it, or sends them back to where they came from.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from services.api.errors import DeadLetterNotFoundError
from services.api.models import DeadLetter, DeadLetterFilter, DeadLetterGroup
from services.api.repository.dead_letter_rows import (
    KEPT,
    LETTER,
    LETTER_WITHOUT_BODY,
    TEXTS,
    letter_from,
    selected,
)
from shared.database.connection import Connection
from shared.database.jsonb import to_jsonb

_ADD = text(f"""
INSERT INTO dead_letter ({KEPT}, body)
SELECT id, received_at, {", ".join(TEXTS)}, CAST(headers AS jsonb), body FROM unnest(
  CAST(:id AS uuid[]), CAST(:received_at AS timestamptz[]),
  {", ".join(f"CAST(:{name} AS text[])" for name in TEXTS)},
  CAST(:headers AS text[]), CAST(:body AS bytea[])
) AS n({KEPT}, body)
ON CONFLICT (id) DO NOTHING
""")
_FIND = text(f"SELECT {LETTER} FROM dead_letter WHERE id = :id")


class DeadLetterRepository:
    """Messages that could not be handled."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, letters: Sequence[DeadLetter]) -> int:
        """Keep them; one that is already here is the same one, delivered again.

        Answers how many are new.
        """
        values: dict[str, list[Any]] = {
            name: [getattr(letter, name) for letter in letters]
            for name in ("id", "received_at", *TEXTS, "body")
        }
        values["headers"] = [to_jsonb(letter.headers) for letter in letters]
        return int((await self._connection.execute(_ADD, values)).rowcount)

    async def get(self, letter_id: UUID) -> DeadLetter:
        """The dead letter of this id; raises `DeadLetterNotFoundError`."""
        row = (await self._connection.execute(_FIND, {"id": letter_id})).mappings().one_or_none()
        if row is None:
            raise DeadLetterNotFoundError(f"There is no dead letter {letter_id}.")
        return letter_from(row)

    async def list_by(self, wanted: DeadLetterFilter) -> list[DeadLetter]:
        """Newest first, at most `limit`, without their bodies."""
        conditions, values = selected(wanted)
        statement = text(
            f"SELECT {LETTER_WITHOUT_BODY} FROM dead_letter WHERE {conditions} "
            "ORDER BY seq DESC LIMIT :limit"
        )
        rows = await self._connection.execute(statement, {**values, "limit": wanted.limit})
        return [letter_from(row) for row in rows.mappings()]

    async def list_groups(self, wanted: DeadLetterFilter) -> list[DeadLetterGroup]:
        """How many there are of each kind, the most first; at most `limit` kinds."""
        conditions, values = selected(wanted)
        statement = text(
            "SELECT queue, error_class, error_code, count(*) AS count, "
            "min(received_at) AS first_received_at, max(received_at) AS last_received_at "
            f"FROM dead_letter WHERE {conditions} GROUP BY queue, error_class, error_code "
            "ORDER BY count(*) DESC, queue, error_class, error_code LIMIT :limit"
        )
        rows = await self._connection.execute(statement, {**values, "limit": wanted.limit})
        return [DeadLetterGroup(**row) for row in rows.mappings()]

    async def count(self, wanted: DeadLetterFilter) -> int:
        """How many there are; `limit` does not count."""
        conditions, values = selected(wanted)
        statement = text(f"SELECT count(*) FROM dead_letter WHERE {conditions}")
        return int((await self._connection.execute(statement, values)).scalar_one())

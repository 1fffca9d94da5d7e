"""The store of dead letters."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from services.api.errors import DeadLetterNotFoundError
from services.api.models import DeadLetter, DeadLetterFilter
from services.api.repository.filters import conditions_for
from shared.database.jsonb import to_jsonb

_TEXTS = (
    "queue",
    "error_class",
    "error_code",
    "error_message",
    "stack",
    "message_id",
    "type",
    "exchange",
    "routing_key",
    "content_type",
)
_COLUMNS = f"id, received_at, {', '.join(_TEXTS)}, headers, body"

_ADD = text(f"""
INSERT INTO dead_letter ({_COLUMNS})
SELECT id, received_at, {", ".join(_TEXTS)}, CAST(headers AS jsonb), body FROM unnest(
  CAST(:id AS uuid[]), CAST(:received_at AS timestamptz[]),
  {", ".join(f"CAST(:{name} AS text[])" for name in _TEXTS)},
  CAST(:headers AS text[]), CAST(:body AS bytea[])
) AS n({_COLUMNS})
ON CONFLICT (id) DO NOTHING
""")
_FIND = text(f"SELECT seq, {_COLUMNS} FROM dead_letter WHERE id = :id")
_CONDITIONS = {
    "before": "seq < :before",
    "queue": "queue = :queue",
    "error_code": "error_code = :error_code",
}


class DeadLetterRepository:
    """Messages that could not be handled."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, letters: Sequence[DeadLetter]) -> None:
        """Keep them; one that is already here is the same one, delivered again."""
        values: dict[str, list[Any]] = {
            name: [getattr(letter, name) for letter in letters]
            for name in ("id", "received_at", *_TEXTS, "body")
        }
        values["headers"] = [to_jsonb(letter.headers) for letter in letters]
        await self._connection.execute(_ADD, values)

    async def get(self, letter_id: UUID) -> DeadLetter:
        """The dead letter of this id; raises `DeadLetterNotFoundError`."""
        row = (await self._connection.execute(_FIND, {"id": letter_id})).mappings().one_or_none()
        if row is None:
            raise DeadLetterNotFoundError(f"There is no dead letter {letter_id}.")
        return _letter(row)

    async def list_by(self, wanted: DeadLetterFilter) -> list[DeadLetter]:
        """Newest first, at most `limit`."""
        conditions, values = conditions_for(wanted, _CONDITIONS)
        statement = text(
            f"SELECT seq, {_COLUMNS} FROM dead_letter WHERE {conditions} "
            "ORDER BY seq DESC LIMIT :limit"
        )
        rows = await self._connection.execute(statement, {**values, "limit": wanted.limit})
        return [_letter(row) for row in rows.mappings()]


def _letter(row: RowMapping) -> DeadLetter:
    return DeadLetter(**{**row, "body": bytes(row["body"])})

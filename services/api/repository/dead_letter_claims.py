"""Taking dead letters in hand: to replay them, or to throw them away.

A letter is locked for as long as somebody replays it; others pass it by (SKIP LOCKED), so that no
two operators send the same one.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from services.api.models import DeadLetter, DeadLetterFilter
from services.api.repository.dead_letter_rows import LETTER, letter_from, selected
from shared.database.connection import Connection

_CLAIM_ONE = text(f"SELECT {LETTER} FROM dead_letter WHERE id = :id FOR UPDATE SKIP LOCKED")
_MARK = text("""
UPDATE dead_letter SET replayed_at = :now, replays = replays + 1
WHERE id = ANY(CAST(:ids AS uuid[]))
""")
_DELETE = text("DELETE FROM dead_letter WHERE id = :id")
_FORGET = text("""
DELETE FROM dead_letter WHERE seq = ANY(ARRAY(
  SELECT seq FROM dead_letter WHERE replayed_at <= CAST(:before AS timestamptz)
  ORDER BY replayed_at LIMIT :limit FOR UPDATE SKIP LOCKED))
""")


class DeadLetterClaims:
    """Dead letters that somebody does something about."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, letter_id: UUID) -> DeadLetter | None:
        """The letter, locked; None when it is not there or somebody else has it in hand."""
        result = await self._connection.execute(_CLAIM_ONE, {"id": letter_id})
        row = result.mappings().one_or_none()
        return None if row is None else letter_from(row)

    async def claim(self, wanted: DeadLetterFilter) -> list[DeadLetter]:
        """The oldest of those, locked, at most `limit`; what others have in hand is left out."""
        conditions, values = selected(wanted)
        statement = text(
            f"SELECT {LETTER} FROM dead_letter WHERE {conditions} "
            "ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED"
        )
        rows = await self._connection.execute(statement, {**values, "limit": wanted.limit})
        return [letter_from(row) for row in rows.mappings()]

    async def mark_replayed(self, ids: Iterable[UUID], now: datetime) -> None:
        """These were sent to where they came from."""
        await self._connection.execute(_MARK, {"ids": list(ids), "now": now})

    async def delete(self, letter_id: UUID) -> bool:
        """Throw one away. Answers whether it was there."""
        return bool((await self._connection.execute(_DELETE, {"id": letter_id})).rowcount)

    async def purge(self, wanted: DeadLetterFilter) -> int:
        """Throw away the oldest of those, at most `limit`. Answers how many."""
        conditions, values = selected(wanted)
        statement = text(
            "DELETE FROM dead_letter WHERE seq = ANY(ARRAY(SELECT seq FROM dead_letter "
            f"WHERE {conditions} ORDER BY seq LIMIT :limit FOR UPDATE SKIP LOCKED))"
        )
        result = await self._connection.execute(statement, {**values, "limit": wanted.limit})
        return int(result.rowcount)

    async def forget_replayed(self, before: datetime, limit: int = 1000) -> int:
        """Throw away what was replayed before that moment. Answers how many."""
        result = await self._connection.execute(_FORGET, {"before": before, "limit": limit})
        return int(result.rowcount)

"""The outbox: what a unit of work wants to say, committed with what it did.

`OutboxRelay` publishes the rows and deletes them. A repository that says something only where its
own statement changed a row joins `OUTBOX_ROWS` in its CTE instead of calling `add`:

    WITH done AS (UPDATE job SET … RETURNING id)
    INSERT INTO outbox ({OUTBOX_COLUMNS}) SELECT {OUTBOX_COLUMNS} FROM {OUTBOX_ROWS}
      JOIN done ON done.id = CAST(o.subject AS uuid)
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import Field, SQLModel

from shared.events import CloudEvent
from shared.messaging.outgoing import outgoing

OUTBOX_COLUMNS = "message_id, exchange, routing_key, type, correlation_id, mandatory, body"
OUTBOX_ROWS = """unnest(
  CAST(:outbox_subjects AS text[]), CAST(:outbox_message_ids AS text[]),
  CAST(:outbox_exchanges AS text[]), CAST(:outbox_routing_keys AS text[]),
  CAST(:outbox_types AS text[]), CAST(:outbox_correlation_ids AS text[]),
  CAST(:outbox_mandatory AS boolean[]), CAST(:outbox_bodies AS bytea[])
) AS o(subject, message_id, exchange, routing_key, type, correlation_id, mandatory, body)"""

_INSERT = text(f"INSERT INTO outbox ({OUTBOX_COLUMNS}) SELECT {OUTBOX_COLUMNS} FROM {OUTBOX_ROWS}")


class OutboxColumns(SQLModel):
    """Mixin: a service's table is `class OutboxRow(OutboxColumns, ApiTable, table=True)`.

    With `__tablename__ = "outbox"`; its migration calls `create_outbox_table`.
    """

    id: int | None = Field(default=None, primary_key=True, sa_type=BigInteger)
    message_id: str
    exchange: str
    routing_key: str
    type: str
    correlation_id: str | None = None
    mandatory: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    body: bytes
    created_at: datetime = Field(
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("now()")},
    )
    available_at: datetime = Field(
        sa_type=DateTime(timezone=True),
        sa_column_kwargs={"server_default": text("now()")},
    )
    failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    last_error: str | None = None


def outbox_parameters(events: Iterable[CloudEvent]) -> dict[str, Sequence[Any]]:
    """The parameters of `OUTBOX_ROWS`; `subject` is the job id."""
    rows = [(event.subject, outgoing(event)) for event in events]
    return {
        "outbox_subjects": [subject for subject, _ in rows],
        "outbox_message_ids": [message.message_id for _, message in rows],
        "outbox_exchanges": [message.exchange for _, message in rows],
        "outbox_routing_keys": [message.routing_key for _, message in rows],
        "outbox_types": [message.type for _, message in rows],
        "outbox_correlation_ids": [message.correlation_id for _, message in rows],
        "outbox_mandatory": [message.mandatory for _, message in rows],
        "outbox_bodies": [message.body for _, message in rows],
    }


class Outbox:
    """The outbox on an open transaction."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(self, events: Iterable[CloudEvent]) -> None:
        """Say these once the transaction has committed."""
        parameters = outbox_parameters(events)
        if parameters["outbox_message_ids"]:
            await self._connection.execute(_INSERT, parameters)

"""The outbox: what a unit of work wants to say, committed with what it did.

All that one unit of work says is one row, a bundle. Whoever wrote it publishes it from memory once
it has committed (`OutboxRelay.hand_over`) and deletes the row; for that it has a head start, after
which any relay takes the row for one that a crash has left. A repository that says something only
where its own statement changed a row joins `OUTBOX_ROWS` in its CTE instead of calling `add`:

    WITH done AS (UPDATE job SET … RETURNING id)
    INSERT INTO outbox_bundle ({OUTBOX_COLUMNS}) SELECT {OUTBOX_VALUES} FROM {OUTBOX_ROWS}
      JOIN done ON done.id = CAST(o.subject AS uuid) HAVING count(*) > 0

with `bundle.parameters(connection)`, and says afterwards which messages were kept:
`bundle.hand_over(connection, kept)`. The view `outbox` shows all messages one by one.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, DateTime, LargeBinary, String, text
from sqlmodel import Field, SQLModel

from shared.clock import uuid7
from shared.database.columns import filled, once_if_same
from shared.database.connection import Connection
from shared.events import CloudEvent
from shared.messaging.outgoing import Outgoing, outgoing

HEAD_START = timedelta(seconds=2)
"""How long a bundle is left to whoever wrote it."""

OUTBOX_COLUMNS = (
    "id, available_at, message_ids, exchanges, routing_keys, types, correlation_ids, mandatory, "
    "bodies"
)
_MOMENT = "now() + make_interval(secs => CAST(:outbox_head_start AS float8))"
OUTBOX_VALUES = f"""CAST(:outbox_id AS uuid), {_MOMENT}, array_agg(o.message_id),
  array_agg({filled("o.exchange", "outbox_exchanges", "text")}),
  array_agg({filled("o.routing_key", "outbox_routing_keys", "text")}),
  array_agg({filled("o.type", "outbox_types", "text")}), array_agg(o.correlation_id),
  array_agg({filled("o.mandatory", "outbox_mandatory", "boolean")}), array_agg(o.body)"""
OUTBOX_ROWS = """unnest(
  CAST(:outbox_subjects AS text[]), CAST(:outbox_message_ids AS text[]),
  CAST(:outbox_exchanges AS text[]), CAST(:outbox_routing_keys AS text[]),
  CAST(:outbox_types AS text[]), CAST(:outbox_correlation_ids AS text[]),
  CAST(:outbox_mandatory AS boolean[]), CAST(:outbox_bodies AS bytea[])
) AS o(subject, message_id, exchange, routing_key, type, correlation_id, mandatory, body)"""


def _whole(parameter: str, kind: str) -> str:
    """The column as the table keeps it, where it may have been sent as one value."""
    sent = f"CAST(:{parameter} AS {kind}[])"
    size = "cardinality(CAST(:outbox_message_ids AS text[]))"
    return (
        f"CASE WHEN cardinality({sent}) = {size} THEN {sent} "
        f"ELSE array_fill(({sent})[1], ARRAY[{size}]) END"
    )


OUTBOX_BUNDLE = f"""CAST(:outbox_id AS uuid), {_MOMENT}, CAST(:outbox_message_ids AS text[]),
  {_whole("outbox_exchanges", "text")}, {_whole("outbox_routing_keys", "text")},
  {_whole("outbox_types", "text")}, CAST(:outbox_correlation_ids AS text[]),
  {_whole("outbox_mandatory", "boolean")}, CAST(:outbox_bodies AS bytea[])"""
"""All that the bundle says, whatever became of the rest of the statement."""

_INSERT = text(f"INSERT INTO outbox_bundle ({OUTBOX_COLUMNS}) SELECT {OUTBOX_BUNDLE}")
_NOW = {"server_default": text("now()")}


def _array(kind: Any) -> Any:
    return Field(sa_type=ARRAY(kind))


class OutboxColumns(SQLModel):
    """Mixin: a service's table is `class OutboxBundleRow(OutboxColumns, ApiTable, table=True)`.

    With `__tablename__ = "outbox_bundle"`; its migration calls `create_outbox_bundle_table`.
    """

    id: UUID = Field(primary_key=True)
    created_at: datetime = Field(sa_type=DateTime(timezone=True), sa_column_kwargs=_NOW)
    available_at: datetime = Field(sa_type=DateTime(timezone=True), sa_column_kwargs=_NOW)
    message_ids: list[str] = _array(String)
    exchanges: list[str] = _array(String)
    routing_keys: list[str] = _array(String)
    types: list[str] = _array(String)
    correlation_ids: list[str | None] = _array(String)
    mandatory: list[bool] = _array(Boolean)
    bodies: list[bytes] = _array(LargeBinary)
    failures: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    last_error: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages that are said together, and the id of their row. `subjects` are the job ids."""

    messages: Sequence[Outgoing]
    subjects: Sequence[str | None] = ()
    id: UUID = field(default_factory=uuid7)

    @classmethod
    def of(cls, events: Iterable[CloudEvent]) -> "Bundle":
        """The messages that carry `events`."""
        said = list(events)
        return cls([outgoing(event) for event in said], [event.subject for event in said])

    def parameters(self, connection: Connection) -> dict[str, Any]:
        """The parameters of `OUTBOX_BUNDLE`, `OUTBOX_VALUES` and `OUTBOX_ROWS`."""
        messages = self.messages
        return {
            "outbox_id": self.id,
            "outbox_head_start": HEAD_START.total_seconds() if connection.hands_over else 0.0,
            "outbox_subjects": self.subjects,
            "outbox_message_ids": [message.message_id for message in messages],
            "outbox_exchanges": once_if_same([message.exchange for message in messages]),
            "outbox_routing_keys": once_if_same([message.routing_key for message in messages]),
            "outbox_types": once_if_same([message.type for message in messages]),
            "outbox_correlation_ids": [message.correlation_id for message in messages],
            "outbox_mandatory": once_if_same([message.mandatory for message in messages]),
            "outbox_bodies": [message.body for message in messages],
        }

    def hand_over(self, connection: Connection, kept: Collection[str] | None = None) -> None:
        """Have it published once the transaction has committed.

        `kept`: the ids of the messages that were written, where that is not all of them.
        """
        if kept is None or len(kept) == len(self.messages):
            connection.handed_over.append(self)
        elif kept:
            messages = [message for message in self.messages if message.message_id in kept]
            connection.handed_over.append(Bundle(messages, id=self.id))


class Outbox:
    """The outbox on an open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, events: Iterable[CloudEvent]) -> None:
        """Say these once the transaction has committed."""
        await self._add(Bundle.of(events))

    async def send(self, messages: Sequence[Outgoing]) -> None:
        """The same for messages that go where their sender says: answers, to one queue each."""
        await self._add(Bundle(messages, [None] * len(messages)))

    async def _add(self, bundle: Bundle) -> None:
        if bundle.messages:
            await self._connection.execute(_INSERT, bundle.parameters(self._connection))
            bundle.hand_over(self._connection)

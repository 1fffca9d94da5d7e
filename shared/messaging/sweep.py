"""Taking bundles out of the outbox that nobody publishes any more, and putting aside the refused.

Neighbour: `relay` decides when.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import text

from shared.clock import uuid7
from shared.database.connection import Connection
from shared.database.engine import Engine
from shared.messaging import topology
from shared.messaging.errors import UnroutableError
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import PublishesMany, UndeliverableError

_COLUMNS = "message_ids, exchanges, routing_keys, types, correlation_ids, mandatory, bodies"
# As many bundles as make `limit` messages; one that has more by itself is taken as well.
_TAKE = text(f"""
WITH free AS MATERIALIZED (
  SELECT id, cardinality(message_ids) AS size FROM outbox_bundle
  WHERE available_at <= now() AND id <> ALL(CAST(:in_hand AS uuid[]))
  ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
), next AS (
  SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM free
)
DELETE FROM outbox_bundle AS b USING next WHERE b.id = next.id AND next.before < :limit
RETURNING b.id, created_at, failures, {_COLUMNS}
""")
_PUT_BACK = text(f"""
INSERT INTO outbox_bundle (id, created_at, available_at, failures, last_error, {_COLUMNS})
VALUES (:id, :created_at, now() + make_interval(secs => CAST(:delay AS float8)), :failures, :error,
  ARRAY[CAST(:message_id AS text)], ARRAY[CAST(:exchange AS text)],
  ARRAY[CAST(:routing_key AS text)], ARRAY[CAST(:type AS text)],
  ARRAY[CAST(:correlation_id AS text)], ARRAY[CAST(:mandatory AS boolean)],
  ARRAY[CAST(:body AS bytea)])
""")
_DELETE = text("""
DELETE FROM outbox_bundle WHERE id = ANY(ARRAY(
  SELECT id FROM outbox_bundle WHERE id = ANY(CAST(:ids AS uuid[])) FOR UPDATE SKIP LOCKED))
""")
_AGE = text("""
SELECT coalesce(sum(cardinality(message_ids)), 0) AS waiting,
  count(*) FILTER (WHERE failures > 0) AS quarantined,
  coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE failures = 0)), 0)
    AS oldest_seconds
FROM outbox_bundle
""")
_LONGEST_DELAY = 300.0
MOST_TRIES = 5
"""So often an answer is offered to a queue that takes no more: within a minute."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Refused:
    """A message that the broker refused: `failures` times before."""

    message: Outgoing
    problem: UndeliverableError
    failures: int = 0


def is_lost(refused: Refused) -> bool:
    """Whether it is an answer whose queue is gone, or stays full: nobody waits for it any more.

    Answers go straight to the queue of whoever asked, who may have left. All else has to arrive.
    """
    message, problem = refused.message, refused.problem
    if message.exchange != topology.DEFAULT:
        return False
    if not isinstance(problem, UnroutableError) and refused.failures < MOST_TRIES:
        return False
    log.warning(
        "outbox.answer_lost",
        queue=message.routing_key,
        error=problem.detail,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
    )
    return True


@dataclass(slots=True)
class Swept:
    """What became of a batch. `lost`: answers that nobody waits for.

    `interruption`: why only the first of it were published.
    """

    published: int = 0
    lost: int = 0
    refused: list[Refused] = field(default_factory=list)
    interruption: Exception | None = None


class Sweep:
    """Publishes what is free, `size` messages at once."""

    def __init__(self, engine: Engine, publisher: PublishesMany, limit: int) -> None:
        self._engine = engine
        self._publisher = publisher
        self._limit = limit
        self.size = limit

    async def once(self, in_hand: Sequence[UUID]) -> Swept:
        """One batch in one transaction. Raises what kept the first message from being published."""
        async with self._engine.begin() as connection:
            taken = await connection.execute(
                _TAKE, {"in_hand": list(in_hand), "limit": max(self.size, 1)}
            )
            rows = sorted(taken, key=lambda row: bytes(row.id.bytes))
            messages = [(message, row.failures) for row in rows for message in _messages(row)]
            swept = Swept()
            for part in _parts(messages, self.size):
                try:
                    problems = await self._publisher.publish_many([one for one, _ in part])
                except Exception as error:
                    if not swept.lost + swept.published + len(swept.refused):
                        raise
                    swept.interruption = error
                    break
                for (message, failures), problem in zip(part, problems, strict=True):
                    if problem is None:
                        swept.published += 1
                    elif is_lost(refused := Refused(message, problem, failures)):
                        swept.lost += 1
                    else:
                        swept.refused.append(refused)
            done = swept.lost + swept.published + len(swept.refused)
            for message, failures in messages[done:]:
                await _put_back(connection, message, failures, 0.0, None)
            await self._put_aside(connection, swept.refused)
        return swept

    async def quarantine(self, refused: Sequence[Refused], ids: Sequence[UUID]) -> None:
        """Delete these bundles, which are published, but for what the broker refused of them."""
        async with self._engine.begin() as connection:
            await connection.execute(_DELETE, {"ids": list(ids)})
            await self._put_aside(connection, refused)

    async def delete(self, ids: Sequence[UUID]) -> None:
        """These are published; what somebody sweeps right now is left to him."""
        async with self._engine.connect() as connection:
            await connection.execute(_DELETE, {"ids": list(ids)})

    async def backlog(self) -> dict[str, float]:
        """See `OutboxRelay.backlog`."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_AGE)).one()
        return {name: float(value) for name, value in row.items()}

    async def _put_aside(self, connection: Connection, refused: Sequence[Refused]) -> None:
        for one in refused:
            failures = one.failures + 1
            delay = min(2.0**failures, _LONGEST_DELAY)
            await _put_back(connection, one.message, failures, delay, one.problem.detail[:2000])
            log.error(
                "outbox.quarantined",
                message_id=one.message.message_id,
                routing_key=one.message.routing_key,
                failures=failures,
                error=one.problem.detail,
            )


async def _put_back(
    connection: Connection, message: Outgoing, failures: int, delay: float, error: str | None
) -> None:
    values = {
        "id": uuid7(),
        "created_at": message.timestamp,
        "delay": delay,
        "failures": failures,
        "error": error,
        "message_id": message.message_id,
        "exchange": message.exchange,
        "routing_key": message.routing_key,
        "type": message.type,
        "correlation_id": message.correlation_id,
        "mandatory": message.mandatory,
        "body": message.body,
    }
    await connection.execute(_PUT_BACK, values)


def _messages(row: Any) -> Iterator[Outgoing]:
    columns = zip(
        row.message_ids,
        row.exchanges,
        row.routing_keys,
        row.types,
        row.correlation_ids,
        row.mandatory,
        row.bodies,
        strict=True,
    )
    for message_id, exchange, routing_key, type_name, correlation_id, mandatory, body in columns:
        yield Outgoing(
            exchange=exchange,
            routing_key=routing_key,
            body=body,
            message_id=message_id,
            type=type_name,
            timestamp=row.created_at,
            correlation_id=correlation_id,
            mandatory=mandatory,
        )


def _parts(
    messages: Sequence[tuple[Outgoing, int]], size: int
) -> Iterator[Sequence[tuple[Outgoing, int]]]:
    for start in range(0, len(messages), max(size, 1)):
        yield messages[start : start + size]

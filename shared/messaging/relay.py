"""The relay: publishes outbox rows and deletes them, in one transaction.

A crash between publish and commit publishes the same rows again, with the same event ids. A kill
releases the row locks, so no lease is needed; several relays share the rows by SKIP LOCKED.
"""

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from shared.database.transient import is_transient
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import PublishesMany, UndeliverableError
from shared.messaging.waiting import is_set_within

_TAKE = text("""
DELETE FROM outbox WHERE id = ANY(ARRAY(
  SELECT id FROM outbox WHERE available_at <= now() ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
)) RETURNING id, message_id, exchange, routing_key, type, correlation_id, mandatory, body,
  created_at, failures
""")
_QUARANTINE = text("""
INSERT INTO outbox (message_id, exchange, routing_key, type, correlation_id, mandatory, body,
  created_at, available_at, failures, last_error)
VALUES (:message_id, :exchange, :routing_key, :type, :correlation_id, :mandatory, :body,
  :created_at, now() + make_interval(secs => :delay), :failures, :last_error)
""")
_AGE = text("""
SELECT count(*) AS waiting, count(*) FILTER (WHERE failures > 0) AS quarantined,
  coalesce(extract(epoch FROM now() - min(created_at) FILTER (WHERE failures = 0)), 0)
    AS oldest_seconds
FROM outbox
""")

LONGEST_PAUSE = 2.0
FINISH_SECONDS = 5.0
"""How long the last batch may take when the process is to end."""

log = structlog.get_logger(__name__)


class OutboxRelay:
    """One background task that empties the outbox whenever it is woken, or every `poll`.

    A row that cannot be delivered is quarantined: put back with a later `available_at` (doubling,
    to five minutes), counted and logged, so that it never holds up its neighbours.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        publisher: PublishesMany,
        *,
        poll: timedelta = timedelta(milliseconds=500),
        limit: int = 500,
    ) -> None:
        self._engine = engine
        self._publisher = publisher
        self._poll = self._pause = poll.total_seconds()
        self._limit = self._size = limit
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leaving = asyncio.Event()
        self.published = 0
        self.quarantined = 0

    def start(self) -> None:
        """Begin relaying in the background."""
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="outbox-relay")

    async def stop(self) -> None:
        """Publish one last batch; what is unpublished then stays in the outbox."""
        if self._task is not None:
            task, self._task = self._task, None
            self._leaving.set()
            self.wake()
            await asyncio.wait([task], timeout=FINISH_SECONDS)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def wake(self) -> None:
        """There is something new; called after a commit."""
        self._woken.set()

    async def relay_once(self) -> int:
        """Publish one batch and commit. Answers how many rows it took."""
        async with self._engine.begin() as connection:
            rows = sorted(
                (await connection.execute(_TAKE, {"limit": self._size})).all(),
                key=lambda row: int(row.id),
            )
            if not rows:
                return 0
            problems = await self._publisher.publish_many([_message(row) for row in rows])
            for row, problem in zip(rows, problems, strict=True):
                if problem is not None:
                    await self._quarantine(connection, row, problem)
        self.published += len(rows)
        return len(rows)

    async def backlog(self) -> dict[str, float]:
        """`waiting` and `quarantined` rows, `oldest_seconds` of those that nobody refused."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_AGE)).one()
        return {name: float(value) for name, value in row._mapping.items()}

    async def _run(self) -> None:
        while True:
            leaving = self._leaving.is_set()
            self._woken.clear()
            try:
                await self._empty(once=leaving)
            except Exception as error:
                self._size = max(1, self._size // 2)
                self._pause = min(self._pause * 2, LONGEST_PAUSE)
                report = log.warning if is_transient(error) else log.exception
                report("outbox.relay_failed", error=repr(error), retry_in=self._pause)
                patience = self._leaving
            else:
                patience = self._woken
            if leaving:
                return
            await is_set_within(patience, self._pause)

    async def _empty(self, *, once: bool) -> None:
        """Batch after batch, until one is not full; after a failure they begin small again.

        So large messages on a slow line get through within the publisher's time-out.
        """
        while True:
            size = self._size
            full = await self.relay_once() == size
            self._size, self._pause = min(size * 2, self._limit), self._poll
            if once or not full:
                return

    async def _quarantine(
        self, connection: AsyncConnection, row: Row[Any], problem: UndeliverableError
    ) -> None:
        self.quarantined += 1
        self.published -= 1
        failures = row.failures + 1
        delay = min(2.0**failures, 300.0)
        values = {name: value for name, value in row._mapping.items() if name != "id"}
        values |= {"failures": failures, "delay": delay, "last_error": problem.detail[:2000]}
        await connection.execute(_QUARANTINE, values)
        log.error(
            "outbox.quarantined",
            message_id=row.message_id,
            routing_key=row.routing_key,
            failures=failures,
            error=problem.detail,
        )


def _message(row: Row[Any]) -> Outgoing:
    return Outgoing(
        exchange=row.exchange,
        routing_key=row.routing_key,
        body=bytes(row.body),
        message_id=row.message_id,
        type=row.type,
        timestamp=row.created_at,
        correlation_id=row.correlation_id,
        mandatory=row.mandatory,
    )

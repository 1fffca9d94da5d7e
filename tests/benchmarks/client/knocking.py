"""Many requests: as fast as they are answered, or at a constant rate."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator

from tests.benchmarks.client.following import Probes
from tests.benchmarks.client.http import Answer, HttpConnection, address_of
from tests.benchmarks.client.plans import Kind, Outcome, Plan
from tests.benchmarks.client.requests import posts
from tests.benchmarks.system import HttpDoor

_MOST_CONNECTIONS = 256


class Knocking:
    """The connections of one client, and what they were answered."""

    def __init__(self, door: HttpDoor, plan: Plan) -> None:
        self._door = door
        self._plan = plan
        self._calls = -(-plan.jobs // door.jobs_per_call)
        self._requests: Iterator[bytes] = posts(door)
        self._connections: list[HttpConnection] = []
        self._idle: deque[HttpConnection] = deque()
        self._late: deque[float] = deque()
        self._due: dict[HttpConnection, float] = {}
        self._sent = self._answered = self._refused = 0
        self._complaint = ""
        self._seconds: list[float] = []
        self._probes = Probes(door, plan.probes)
        self._done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self) -> Outcome:
        """Send everything, wait for every answer."""
        is_open = self._plan.kind is Kind.OPEN
        await self._connect(_MOST_CONNECTIONS if is_open else self._plan.connections)
        began = time.monotonic()
        if is_open:
            await self._arrive(began)
        else:
            for connection in self._connections[: self._calls]:
                self._send(connection, time.monotonic())
        await self._done
        ended = time.monotonic()
        finishing = await self._probes.finish()
        for connection in self._connections:
            connection.close()
        return Outcome(
            began,
            ended,
            accepted=(self._answered - self._refused) * self._door.jobs_per_call,
            refused=self._refused,
            complaint=self._complaint,
            accepting=self._seconds,
            finishing=finishing,
        )

    async def _connect(self, number: int) -> None:
        loop, address = asyncio.get_running_loop(), address_of(self._door.url)
        for _ in range(number):
            _, connection = await loop.create_connection(
                lambda: HttpConnection(self._on_answer, self._on_lost), *address
            )
            self._connections.append(connection)
        self._idle.extend(self._connections)

    async def _arrive(self, began: float) -> None:
        """At each request's time, on a free connection or on the next that becomes free."""
        interval = self._door.jobs_per_call / self._plan.rate
        for number in range(self._calls):
            due = began + number * interval
            if (wait := due - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            if self._idle:
                self._send(self._idle.popleft(), due)
            else:
                self._late.append(due)

    def _send(self, connection: HttpConnection, due: float) -> None:
        self._due[connection] = due
        self._sent += 1
        connection.send(next(self._requests))

    def _on_answer(self, connection: HttpConnection, answer: Answer) -> None:
        now = time.monotonic()
        self._seconds.append(now - self._due[connection])
        self._answered += 1
        status, body = answer
        if not 200 <= status < 300:
            self._refused += 1
            self._complaint = self._complaint or f"{status}: {body[:300].decode(errors='replace')}"
        else:
            self._probes.consider(now, body)
        if self._answered == self._calls:
            self._done.set_result(None)
        elif self._plan.kind is not Kind.OPEN:
            if self._sent < self._calls:
                self._send(connection, now)
        elif self._late:
            self._send(connection, self._late.popleft())
        else:
            self._idle.append(connection)

    def _on_lost(self, reason: str) -> None:
        if not self._done.done():
            self._done.set_exception(ConnectionError(reason))

"""Following jobs to their end, the same way for every system: by looking at the read model."""

import asyncio
import json
import time
from typing import Any

from tests.benchmarks.client.http import Caller, get
from tests.benchmarks.client.listening import Listener
from tests.benchmarks.client.plans import Outcome, Plan
from tests.benchmarks.client.requests import posts
from tests.benchmarks.system import HttpDoor

_LOOK_EVERY = 0.001
_PROBE_EVERY = 0.005
_PAUSE = 0.02
_PATIENCE = 60.0


async def until_final(caller: Caller, door: HttpDoor, job: str, every: float) -> float:
    """The moment at which its status was seen to be final. Raises `TimeoutError`."""
    request = get(door.url, door.status_path.format(id=job))
    deadline = time.monotonic() + _PATIENCE
    while True:
        state: dict[str, Any] = await caller.json(request)
        now = time.monotonic()
        if state["status"] in door.final:
            return now
        if now > deadline:
            raise TimeoutError(f"job {job} is still {state['status']} after {_PATIENCE:.0f} s")
        await asyncio.sleep(every)


async def one_by_one(plan: Plan) -> Outcome:
    """The next job when the last one is final, and a moment of rest has passed."""
    assert plan.http is not None
    door, requests = plan.http, posts(plan.http)
    listener = await Listener.start(plan.amqp) if plan.listen and plan.amqp else None
    caller = Caller(door.url)
    accepting, finishing = [], []
    began = time.monotonic()
    for _ in range(plan.jobs):
        sent = time.monotonic()
        job = str((await caller.json(next(requests)))["id"])
        accepted = time.monotonic()
        if listener:
            final = await listener.heard(job)
        else:
            final = await until_final(caller, door, job, _LOOK_EVERY)
        accepting.append(accepted - sent)
        finishing.append(max(final - accepted, 0.0))
        await asyncio.sleep(_PAUSE)
    ended = time.monotonic()
    caller.close()
    if listener:
        listener.close()
    return Outcome(began, ended, plan.jobs, accepting=accepting, finishing=finishing)


class Probes:
    """Some of the accepted jobs, evenly spread in time, each followed on a connection of its own.

    Following every job would be a load greater than the one that is measured.
    """

    def __init__(self, door: HttpDoor, rate: float) -> None:
        self._door = door
        self._interval = 1 / rate if rate else None
        self._next = 0.0
        self._callers: list[Caller] = []
        self._running: list[asyncio.Task[float]] = []

    def consider(self, now: float, body: bytes) -> None:
        """A job was accepted: it is followed when the last probe is long enough ago."""
        if self._interval is not None and now >= self._next:
            self._next = now + self._interval
            job = str(json.loads(body)["id"])
            self._running.append(asyncio.create_task(self._follow(job, now)))

    async def finish(self) -> list[float]:
        """Seconds from acceptance to the end of each."""
        seconds = await asyncio.gather(*self._running)
        for caller in self._callers:
            caller.close()
        return seconds

    async def _follow(self, job: str, accepted: float) -> float:
        caller = self._callers.pop() if self._callers else Caller(self._door.url)
        final = await until_final(caller, self._door, job, _PROBE_EVERY)
        self._callers.append(caller)
        return final - accepted

"""The warm children: one is taken for each attempt and given back when it may be used again.

There is no limit here on how many run at once: the slots of the claimer, and the memory that it
counts, are that limit. Children that only wait make room for those that work.
"""

import asyncio
import math
import os
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from services.generator.runtime.environment import child_environment
from services.generator.runtime.process import ChildProcess
from services.generator.runtime.task import GenerationTask
from shared.generators import AssetFile, Generator
from shared.generators.context import Report

RUNS = 500
"""A child is replaced after so many attempts, whatever it may have leaked."""


class _Warm(NamedTuple):
    """A child that waits: so many bytes it keeps, and until when it may."""

    reference: str
    child: ChildProcess
    keeps: int
    until: float


class ChildPool:
    """The runtime of generators that compute.

    `idle_limit` children are kept warm at most, and only as long as all children together fit into
    `memory` bytes, by what their generators declare; the least recently used ends first. Each ends
    after `idle` without work.
    """

    def __init__(
        self,
        *,
        idle_limit: int,
        idle: timedelta = timedelta(minutes=2),
        folder: Path = Path("/"),
        memory: float = math.inf,
    ) -> None:
        self._idle_limit = idle_limit
        self._memory = memory
        self._idle_seconds = idle.total_seconds()
        self._folder = folder
        self._idle: deque[_Warm] = deque()
        self._leaving: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def idle_pids(self) -> list[int]:
        """The warm children that wait for work."""
        return [warm.child.pid for warm in self._idle]

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        """See `Runtime`."""
        reference, keeps = reference_of(task.generator), task.limits.resident_bytes
        child = self._take(reference)
        self._memory -= keeps
        try:
            if child is None:
                self._make_room()
                given = child_environment(os.environ, task.generator.environment)
                child = await ChildProcess.start(reference, given, self._folder)
            return await child.run(task, report)
        finally:
            self._memory += keeps
            if child is not None:
                self._give_back(reference, child, keeps)

    async def stop(self) -> None:
        """End all children that wait; those at work end with their attempts."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        while self._idle:
            self._let_go(self._idle.popleft().child)
        await asyncio.gather(*self._leaving)

    def _take(self, reference: str) -> ChildProcess | None:
        for warm in reversed(self._idle):
            if warm.reference == reference:
                self._idle.remove(warm)
                return warm.child
        return None

    def _make_room(self) -> None:
        """Let go those that wait, as long as there is not the memory for them too."""
        while self._idle and sum(warm.keeps for warm in self._idle) > self._memory:
            self._let_go(self._idle.popleft().child)

    def _give_back(self, reference: str, child: ChildProcess, keeps: int) -> None:
        if self._closed or not child.usable or child.runs >= RUNS:
            self._let_go(child)
            return
        now = asyncio.get_running_loop().time()
        self._idle.append(_Warm(reference, child, keeps, now + self._idle_seconds))
        while len(self._idle) > self._idle_limit:
            self._let_go(self._idle.popleft().child)
        self._make_room()
        self._sweep_later()

    def _sweep_later(self) -> None:
        if self._idle and self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_at(self._idle[0].until, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        now = asyncio.get_running_loop().time()
        while self._idle and self._idle[0].until <= now:
            self._let_go(self._idle.popleft().child)
        self._sweep_later()

    def _let_go(self, child: ChildProcess) -> None:
        task = asyncio.create_task(child.retire(), name="child-retires")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def reference_of(kind: type[Generator[Any]]) -> str:
    """How a child finds the class: `module:Class`."""
    return f"{kind.__module__}:{kind.__qualname__}"

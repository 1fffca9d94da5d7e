"""The warm children: one is taken for each attempt and given back when it may be used again.

There is no limit here on how many run at once: the slots of the claimer are that limit.
"""

import asyncio
import os
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any

from services.generator.runtime.environment import child_environment
from services.generator.runtime.process import ChildProcess
from services.generator.runtime.task import GenerationTask
from shared.generators import AssetFile, Generator
from shared.generators.context import Report

RUNS = 500
"""A child is replaced after so many attempts, whatever it may have leaked."""


class ChildPool:
    """The runtime of generators that compute.

    `idle_limit` children are kept warm at most, the least recently used ends first; each ends
    after `idle` without work.
    """

    def __init__(
        self, *, idle_limit: int, idle: timedelta = timedelta(minutes=2), folder: Path = Path("/")
    ) -> None:
        self._idle_limit = idle_limit
        self._idle_seconds = idle.total_seconds()
        self._folder = folder
        self._idle: deque[tuple[str, ChildProcess, float]] = deque()
        self._leaving: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def idle_pids(self) -> list[int]:
        """The warm children that wait for work."""
        return [child.pid for _, child, _ in self._idle]

    async def generate(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        """See `Runtime`."""
        reference = reference_of(task.generator)
        child = self._take(reference) or await ChildProcess.start(
            reference, child_environment(os.environ), self._folder
        )
        try:
            return await child.run(task, report)
        finally:
            self._give_back(reference, child)

    async def stop(self) -> None:
        """End all children that wait; those at work end with their attempts."""
        self._closed = True
        if self._sweeping is not None:
            self._sweeping.cancel()
        while self._idle:
            self._let_go(self._idle.popleft()[1])
        await asyncio.gather(*self._leaving)

    def _take(self, reference: str) -> ChildProcess | None:
        for entry in reversed(self._idle):
            if entry[0] == reference:
                self._idle.remove(entry)
                return entry[1]
        return None

    def _give_back(self, reference: str, child: ChildProcess) -> None:
        if self._closed or not child.usable or child.runs >= RUNS:
            self._let_go(child)
            return
        now = asyncio.get_running_loop().time()
        self._idle.append((reference, child, now + self._idle_seconds))
        while len(self._idle) > self._idle_limit:
            self._let_go(self._idle.popleft()[1])
        self._sweep_later()

    def _sweep_later(self) -> None:
        if self._idle and self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_at(self._idle[0][2], self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        now = asyncio.get_running_loop().time()
        while self._idle and self._idle[0][2] <= now:
            self._let_go(self._idle.popleft()[1])
        self._sweep_later()

    def _let_go(self, child: ChildProcess) -> None:
        task = asyncio.create_task(child.retire(), name="child-retires")
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


def reference_of(kind: type[Generator[Any]]) -> str:
    """How a child finds the class: `module:Class`."""
    return f"{kind.__module__}:{kind.__qualname__}"

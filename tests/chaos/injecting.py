"""Carrying out the faults of a plan, each in a task of its own: they may overlap.

A fault is over when whatever does it has ended: a stall when bytes flow again, a killed server when
it takes connections again, a stopped service when its process has gone. What the services need to
come back after that is their recovery, and is measured (`recovery`).
"""

import asyncio
import random
import signal
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import psutil

from tests.chaos.plan import ALL, Fault, Kind
from tests.chaos.republishing import Republisher
from tests.chaos.system import Replica, System
from tests.network import Proxy

_CHILD_WITHIN = 20
_STOPS_WITHIN = 60.0


@dataclass
class Injected:
    """A fault that was carried out; times count from the beginning of the load."""

    fault: Fault
    began: float
    ended: float | None = None
    note: str = ""
    skipped: bool = False


class Injector:
    """Knows how to do every kind of fault to the system."""

    def __init__(
        self,
        system: System,
        republisher: Republisher,
        seed: int,
        now: Callable[[], float],
        say: Callable[[str], None],
    ) -> None:
        self._system = system
        self._republisher = republisher
        self._seed = seed
        self._now = now
        self._say = say
        self._one_node_at_a_time = asyncio.Lock()
        self._one_postgres_at_a_time = asyncio.Lock()
        self.injected: list[Injected] = []
        self._ways: dict[Kind, Callable[[Fault], Coroutine[Any, Any, str]]] = {
            Kind.KILL: self._kill,
            Kind.KILL_CHILD: self._kill_child,
            Kind.STOP: self._stop,
            Kind.PAUSE: self._pause,
            Kind.PAUSE_PAST_LEASE: self._pause,
            Kind.KILL_RABBITMQ: self._kill_rabbitmq,
            Kind.KILL_POSTGRES: self._kill_postgres,
            Kind.CUT_BROKER: self._cut,
            Kind.CUT_DATABASE: self._cut,
            Kind.STALL_BROKER: self._stall,
            Kind.STALL_DATABASE: self._stall,
            Kind.REFUSE_BROKER: self._refuse,
            Kind.REFUSE_DATABASE: self._refuse,
            Kind.DUPLICATES: self._repeat,
            Kind.REORDERED: self._repeat,
            Kind.FULL_DISK: self._fill_disk,
        }

    async def inject(self, fault: Fault) -> Injected:
        """Do it, and answer when it is over."""
        injected = Injected(fault, began=self._now())
        self.injected.append(injected)
        self._say(f"{injected.began:6.1f} s  {fault}")
        injected.note = await self._ways[fault.kind](fault)
        injected.ended = self._now()
        injected.skipped = injected.note.startswith("skipped")
        return injected

    @property
    def last_end(self) -> float:
        """When the last fault was over; 0: there was none."""
        return max((one.ended for one in self.injected if one.ended is not None), default=0.0)

    def _chance(self, fault: Fault) -> random.Random:
        return random.Random(f"{self._seed}-{fault.number}")

    async def _kill(self, fault: Fault) -> str:
        pid = self._system.signal(fault.target, signal.SIGKILL)
        return f"pid {pid}" if pid else "it was dead already"

    async def _kill_child(self, fault: Fault) -> str:
        for _ in range(_CHILD_WITHIN):
            if children := self._children(fault.target):
                child = self._chance(fault).choice(children)
                child.kill()
                return f"one of {len(children)}, pid {child.pid}"
            await asyncio.sleep(0.1)
        return "it had no child to kill"

    def _children(self, name: str) -> list[psutil.Process]:
        pid = self._system.supervisor.pid(name)
        try:
            return psutil.Process(pid).children(recursive=True) if pid else []
        except psutil.NoSuchProcess:
            return []

    async def _stop(self, fault: Fault) -> str:
        pid = self._system.signal(fault.target, signal.SIGTERM)
        began = self._now()
        if pid is None:
            return "it was dead already"
        while self._system.supervisor.pid(fault.target) == pid and psutil.pid_exists(pid):
            if self._now() - began > _STOPS_WITHIN:
                return f"pid {pid} did not stop within {_STOPS_WITHIN:g} s"
            await asyncio.sleep(0.1)
        return f"pid {pid} had gone after {self._now() - began:.1f} s"

    async def _pause(self, fault: Fault) -> str:
        pid = self._system.signal(fault.target, signal.SIGSTOP)
        await asyncio.sleep(fault.seconds)
        if pid is None:
            return "it was dead already"
        if self._system.supervisor.pid(fault.target) != pid:
            return f"pid {pid} was killed meanwhile"
        self._system.signal(fault.target, signal.SIGCONT)
        return f"pid {pid}"

    async def _kill_rabbitmq(self, fault: Fault) -> str:
        async with self._one_node_at_a_time:
            if len(self._system.broker.nodes) > 1:
                await self._system.broker.wait_whole()
            pid = self._system.signal(fault.target, signal.SIGKILL)
            killed = self._now()
            await self._system.wait_restarted(fault.target, pid)
            await self._system.broker.wait_ready(fault.target)
            return f"killed at {killed:.1f} s, back after {self._now() - killed:.1f} s"

    async def _kill_postgres(self, fault: Fault) -> str:
        async with self._one_postgres_at_a_time:
            pid = self._system.supervisor.pid("postgres")
            assert pid is not None
            killed = self._now()
            server = psutil.Process(pid)
            for process in (server, *server.children(recursive=True)):
                process.kill()
            await self._system.wait_restarted("postgres", pid)
            await self._system.wait_postgres()
            return f"killed at {killed:.1f} s, back after {self._now() - killed:.1f} s"

    async def _cut(self, fault: Fault) -> str:
        proxies = self._proxies(fault)
        connections = sum(proxy.open_connections for proxy in proxies)
        for proxy in proxies:
            proxy.cut()
        return f"{connections} connections"

    async def _stall(self, fault: Fault) -> str:
        proxies = self._proxies(fault)
        for proxy in proxies:
            proxy.freeze()
        await asyncio.sleep(fault.seconds)
        for proxy in proxies:
            proxy.thaw()
        return ""

    async def _refuse(self, fault: Fault) -> str:
        proxies = self._proxies(fault)
        for proxy in proxies:
            await proxy.close()
        await asyncio.sleep(fault.seconds)
        for proxy in proxies:
            await proxy.open()
        return ""

    def _proxies(self, fault: Fault) -> list[Proxy]:
        replicas = self._system.replicas
        hit: list[Replica] = (
            list(replicas.values()) if fault.target == ALL else [replicas[fault.target]]
        )
        to_database = fault.kind in {
            Kind.CUT_DATABASE,
            Kind.STALL_DATABASE,
            Kind.REFUSE_DATABASE,
        }
        return [replica.database if to_database else replica.broker for replica in hit]

    async def _repeat(self, fault: Fault) -> str:
        shuffled = fault.kind is Kind.REORDERED
        again = self._republisher.shuffle if shuffled else self._republisher.repeat
        return f"{await again(self._chance(fault))} messages"

    async def _fill_disk(self, fault: Fault) -> str:
        if self._system.disk.problem:
            return f"skipped: {self._system.disk.problem}"
        await asyncio.to_thread(self._system.disk.fill)
        await asyncio.sleep(fault.seconds)
        self._system.disk.empty()
        return ""

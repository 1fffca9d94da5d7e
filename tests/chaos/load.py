"""The load: every order at its time, and whoever changes their mind afterwards."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from tests.chaos.clients import HttpClients
from tests.chaos.commands import CommandSender
from tests.chaos.invariants.ends import FINAL
from tests.chaos.observer import Observer
from tests.chaos.orders import Door, Order
from tests.chaos.promises import Ledger, Promise

_LOOK_EVERY = 0.1
_KNOWN_WITHIN = 120.0


class Load:
    """Carries out a plan of orders; times count from the beginning of the load."""

    def __init__(
        self,
        ledger: Ledger,
        clients: HttpClients,
        commands: CommandSender,
        observer: Observer,
        now: Callable[[], float],
    ) -> None:
        self._ledger = ledger
        self._clients = clients
        self._commands = commands
        self._observer = observer
        self._now = now
        self.seen_final: dict[str, set[str]] = {}

    async def run(self, orders: Sequence[Order]) -> None:
        """Until every order has its answer."""
        async with asyncio.TaskGroup() as tasks:
            for group in _at_once(orders):
                await asyncio.sleep(group[0].at - self._now())
                tasks.create_task(self._carry_out(group))

    async def look_around(self, chance: random.Random) -> None:
        """Ask again and again how some job stands, and remember what was final."""
        while True:
            await asyncio.sleep(_LOOK_EVERY)
            told = [job for promise in self._ledger.promises for job in promise.job_ids]
            if told:
                job_id = chance.choice(told)
                status = await self._clients.look(job_id)
                if status in FINAL:
                    self.seen_final.setdefault(job_id, set()).add(str(status))

    async def _carry_out(self, group: Sequence[Order]) -> None:
        match group[0].door:
            case Door.BATCH:
                await self._clients.order_many(group)
            case Door.HTTP:
                await self._clients.order(group[0])
            case Door.COMMAND:
                await self._commands.order(group[0])
        cancels = [self._cancel(order) for order in group if order.cancel_after is not None]
        await asyncio.gather(*cancels)

    async def _cancel(self, order: Order) -> None:
        promise = self._ledger.of(order)
        assert order.cancel_after is not None
        await asyncio.sleep(order.cancel_after)
        job_id = await self._job_of(promise)
        if job_id is not None:
            by_command = order.cancel_by is Door.COMMAND
            door: HttpClients | CommandSender = self._commands if by_command else self._clients
            canceling: Coroutine[Any, Any, None] = door.cancel(promise, job_id)
            await canceling

    async def _job_of(self, promise: Promise) -> str | None:
        if promise.job_ids:
            return min(promise.job_ids)
        if promise.order.door is not Door.COMMAND:
            return None
        known = self._observer.job_of(promise.order.key)
        await asyncio.wait([known], timeout=_KNOWN_WITHIN)
        return known.result() if known.done() else None


def _at_once(orders: Sequence[Order]) -> list[list[Order]]:
    """Orders in their turn, those of a batch together."""
    groups: dict[str, list[Order]] = {}
    for order in orders:
        groups.setdefault(order.group or order.id, []).append(order)
    return list(groups.values())

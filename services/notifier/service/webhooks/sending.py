"""Sends what is due: a queue in Postgres, any number of processes.

Each claims under a lease, so what a killed process had in hand is sent again, with the id that it
had. No lane has more than its share of the calls, and one whose calls fail is left alone for a
while: others never wait for it. Neighbours: `posting` makes the call, `DeliveryRepository` is fair.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Protocol
from uuid import UUID

import structlog

from services.notifier.models import Call, Claim, DeliveryStatus, DisabledReason, Outcome
from services.notifier.repository.deliveries import Manners
from services.notifier.service.webhooks.disabling import Disabling
from services.notifier.service.webhooks.posting import GONE, INVALID, Post
from services.notifier.service.webhooks.recording import Recording
from services.notifier.service.webhooks.schedule import Schedule
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.canceling import end
from shared.clock import Clock, NewId
from shared.webhooks import new_secret, signatures

LOOK_EVERY = timedelta(seconds=1)
FINISH_WITHIN = timedelta(seconds=5)
DELETED = "The job was deleted before this was sent."

log = structlog.get_logger(__name__)


class Counts(Protocol):
    """Is told what became of each call."""

    def called(self, call: Call) -> None: ...


class WebhookSender:
    """Claims and sends until it is stopped; `concurrency` calls at once in all."""

    def __init__(
        self,
        unit_of_work: Callable[[], NotifierUnitOfWork],
        post: Post,
        schedule: Schedule,
        manners: Manners,
        *,
        disabling: Disabling,
        counts: Counts,
        clock: Clock,
        new_id: NewId,
        concurrency: int,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._post = post
        self._schedule = schedule
        self._manners = manners
        self._recording = Recording(unit_of_work, manners)
        self._disabling = disabling
        self._counts = counts
        self._clock = clock
        self._new_id = new_id
        self._concurrency = concurrency
        self._calls: set[asyncio.Task[None]] = set()
        self._busy: Counter[UUID] = Counter()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the background."""
        self._recording.start()
        self._task = asyncio.create_task(self._run(), name="webhooks")

    async def stop(self) -> None:
        """Claim no more, finish what is in hand; what takes long is due again by its lease."""
        if self._task is None:
            return
        await end([self._task])
        if self._calls:
            await asyncio.wait(self._calls, timeout=FINISH_WITHIN.total_seconds())
        await end(self._calls)
        await self._recording.stop()

    def wake(self) -> None:
        """Something is due."""
        self._woken.set()

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                claimed = await self._claim()
            except Exception as error:
                log.warning("webhooks.not_claimed", error=repr(error))
                await asyncio.sleep(LOOK_EVERY.total_seconds())
                continue
            for claim in claimed:
                self._begin(claim)
            if not claimed:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_EVERY.total_seconds()):
                await self._woken.wait()
        except TimeoutError:
            return

    async def _claim(self) -> list[Claim]:
        room = self._concurrency - len(self._calls)
        if room <= 0:
            return []
        busy = {lane: calls for lane, calls in self._busy.items() if calls}
        async with self._unit_of_work() as work:
            work.alone()
            return await work.deliveries.claim(self._new_id(), room, busy, self._manners)

    def _begin(self, claim: Claim) -> None:
        task = asyncio.create_task(self._deliver(claim), name=f"webhook {claim.id}")
        self._calls.add(task)
        self._busy[claim.lane] += 1

        def end(done: asyncio.Task[None]) -> None:
            self._calls.discard(done)
            self._busy[claim.lane] -= 1
            if not self._busy[claim.lane]:
                del self._busy[claim.lane]
            self.wake()

        task.add_done_callback(end)

    async def _deliver(self, claim: Claim) -> None:
        try:
            if not claim.body:
                await self._drop(claim)
                return
            call = await self._call(claim)
            self._counts.called(call)
            await self._conclude(claim, call)
        except Exception as error:
            log.warning("webhooks.not_recorded", delivery=str(claim.id), error=repr(error))

    async def _call(self, claim: Claim) -> Call:
        secrets = claim.secrets or await self._first_secret(claim)
        body, timestamp = claim.body.encode(), int(self._clock.now().timestamp())
        return await self._post(
            claim.url,
            {
                "content-type": "application/json",
                "webhook-id": claim.event_id,
                "webhook-timestamp": str(timestamp),
                "webhook-signature": signatures(secrets, claim.event_id, timestamp, body),
            },
            body,
            claim.lane,
        )

    async def _first_secret(self, claim: Claim) -> tuple[str, ...]:
        async with self._unit_of_work() as work:
            return ((await work.endpoints.default_secret(claim.tenant, new_secret())).secret,)

    async def _drop(self, claim: Claim) -> None:
        async with self._unit_of_work() as work:
            await work.deliveries.drop(claim, DELETED)

    async def _conclude(self, claim: Claim, call: Call) -> None:
        """Keep what became of it; and what that means for its endpoint."""
        status, pause = self._verdict(claim, call)
        noted = await self._recording.note(Outcome(claim, call, status, pause))
        if not noted.ours:
            return
        if status is DeliveryStatus.PENDING:
            asyncio.get_running_loop().call_later(pause.total_seconds(), self.wake)
        if claim.endpoint_id is not None and (noted.failing or call.status == GONE):
            reason = DisabledReason.GONE if call.status == GONE else DisabledReason.FAILING
            await self._disabling.disable(claim.tenant, claim.endpoint_id, claim.url, reason)

    def _verdict(self, claim: Claim, call: Call) -> tuple[DeliveryStatus, timedelta]:
        if call.delivered:
            return DeliveryStatus.DELIVERED, timedelta(0)
        if call.status == GONE and claim.endpoint_id is not None:
            return DeliveryStatus.SKIPPED, timedelta(0)
        pause = self._schedule.pause_after(claim.tries + 1, call.retry_after)
        if pause is None or call.error_code == INVALID or call.status == GONE:
            return DeliveryStatus.FAILED, timedelta(0)
        return DeliveryStatus.PENDING, pause

"""Accepting media requests: every door (HTTP, batch, command) comes through here.

What is accepted is written by group commit: while one batch is in the database the next gathers.
A request is a batch of one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from services.api.errors import IdempotencyKeyInFlightError, IdempotencyKeyReusedError
from services.api.metrics import ApiMetrics
from services.api.models import EarlierUse, Job, KeyUse, NewRequest
from services.api.service.catalogue import GeneratorCatalogue
from services.api.service.request_rules import check_request
from services.api.service.submission import Accepted, Submission
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, NewId
from shared.errors import DarkroomError
from shared.events import MediaRequested, announce
from shared.messaging.batcher import Batcher

SOURCE = "/darkroom/api"
KEYS_LAST = timedelta(hours=24)

_Answer = Accepted | DarkroomError


class MediaRequestService:
    """Turns submissions into jobs that will come to an end."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        catalogue: GeneratorCatalogue,
        clock: Clock,
        new_id: NewId,
        metrics: ApiMetrics,
        *,
        max_attempts: int = 5,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._catalogue = catalogue
        self._clock = clock
        self._new_id = new_id
        self._metrics = metrics
        self._max_attempts = max_attempts
        self._batcher: Batcher[NewRequest, _Answer] = Batcher(self._write, limit=1000)
        self._in_flight: set[tuple[str, str]] = set()

    def start(self) -> None:
        """Begin writing."""
        self._batcher.start()

    async def stop(self) -> None:
        """Write what waits, then end."""
        await self._batcher.stop()

    async def submit(self, submission: Submission) -> Accepted:
        """Accept one request; it is durable when this returns.

        Raises `UnknownGeneratorError`, `InvalidInputError` (each bad field named),
        `IdempotencyKeyReusedError`, or whatever keeps the database from answering.
        """
        entry = await self._catalogue.require(submission.spec.generator)
        check_request(submission.spec, entry.schema)
        answer = await self._batcher.submit(self._new_request(submission))
        if isinstance(answer, DarkroomError):
            raise answer
        return answer

    async def submit_exclusively(self, submission: Submission) -> Accepted:
        """The same; raises `IdempotencyKeyInFlightError` while its key is being accepted here."""
        if submission.key is None:
            return await self.submit(submission)
        key = (submission.origin.tenant, submission.key)
        if key in self._in_flight:
            raise IdempotencyKeyInFlightError
        self._in_flight.add(key)
        try:
            return await self.submit(submission)
        finally:
            self._in_flight.discard(key)

    async def forget_expired_keys(self) -> None:
        """Delete idempotency keys whose time is over."""
        async with self._unit_of_work() as work:
            await work.acceptance.forget_expired()

    def _new_request(self, submission: Submission) -> NewRequest:
        job = self._new_job(submission)
        requested = announce(
            MediaRequested(
                job_id=job.id,
                generator=job.generator,
                input=job.input,
                lane=submission.spec.priority,
                metadata=job.metadata,
                webhook=submission.spec.webhook,
                requested_at=job.created_at,
                deadline_at=job.deadline_at,
                max_attempts=job.max_attempts,
            ),
            source=SOURCE,
            time=job.created_at,
            origin=replace(submission.origin, correlationid=job.correlation_id),
        )
        if submission.key is None:
            return NewRequest(job, requested)
        expires_at = job.created_at + KEYS_LAST
        return NewRequest(
            job, requested, KeyUse(submission.key, submission.fingerprint(), expires_at)
        )

    def _new_job(self, submission: Submission) -> Job:
        spec, origin = submission.spec, submission.origin
        job_id, now = self._new_id(), self._clock.now()
        return Job(
            id=job_id,
            tenant=origin.tenant,
            generator=spec.generator,
            lane=spec.priority.value,
            input=spec.input,
            metadata=spec.metadata,
            webhook=spec.webhook.model_dump(mode="json") if spec.webhook else None,
            correlation_id=origin.correlationid or str(job_id),
            created_at=now,
            updated_at=now,
            max_attempts=self._max_attempts,
            deadline_at=_after(now, spec.deadline_seconds),
            expires_in=spec.expires_in,
        )

    async def _write(self, batch: Sequence[NewRequest]) -> Sequence[_Answer]:
        """One transaction for all; a key that occurs twice is written for the first only."""
        firsts: dict[object, NewRequest] = {}
        for request in batch:
            firsts.setdefault(request.key_id or request.job.id, request)
        async with self._unit_of_work() as work:
            written = await work.acceptance.add(list(firsts.values()))
            late = {r.key_id for r in batch if r.key_id and r.job.id not in written}
            earlier = await work.acceptance.find_earlier(sorted(late)) if late else {}
        self._metrics.accepted(request.job for request in batch if request.job.id in written)
        return [
            Accepted(request.job)
            if request.job.id in written or request.key_id is None
            else _replay(request, earlier.get(request.key_id))
            for request in batch
        ]


def _after(now: datetime, seconds: int | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _replay(request: NewRequest, earlier: EarlierUse | None) -> _Answer:
    if earlier is None or request.key is None:
        return IdempotencyKeyInFlightError()
    if earlier.fingerprint != request.key.fingerprint:
        return IdempotencyKeyReusedError()
    return Accepted(earlier.job.as_accepted(), replayed=True)

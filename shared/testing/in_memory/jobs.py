"""The jobs of the in-memory Darkroom: what tests plan and see, and what becomes of requests."""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from threading import RLock
from typing import Any
from uuid import UUID

import httpx

from shared.clock import Clock, SystemClock, uuid7
from shared.errors import NotFoundError
from shared.events import CloudEvent, Failure, Message, Origin, RequestSpec, announce
from shared.events.envelope import DEFAULT_TENANT
from shared.events.media import FinalMessage
from shared.events.routing import stem
from shared.testing.in_memory.calls import Endpoint, WebhookCall, deliver
from shared.testing.in_memory.job import InMemoryJob
from shared.testing.in_memory.knowledge import ANYTHING, Knowledge
from shared.testing.in_memory.outcomes import PICTURE, MadeFile
from shared.testing.in_memory.refusals import (
    AlreadyFinalError,
    GoneError,
    IdempotencyKeyReusedError,
    StillRunningError,
)
from shared.webhooks import new_secret

Listener = Callable[[CloudEvent], object]
JobId = UUID | str


class InMemoryJobs:
    """What `DarkroomInMemory` is beside its clients."""

    def __init__(
        self,
        *,
        step_by_step: bool = False,
        clock: Clock | None = None,
        tenant: str = DEFAULT_TENANT,
        api_key: str | None = None,
        webhook_secret: str | None = None,
    ) -> None:
        self.jobs: dict[str, InMemoryJob] = {}
        self.events: list[CloudEvent] = []
        self.webhooks: list[WebhookCall] = []
        """Those that are due."""
        self.webhook_secret = webhook_secret or new_secret()
        self.tenant = tenant
        self.api_key = api_key
        self.knowledge = Knowledge()
        self.lock = RLock()
        self._step_by_step = step_by_step
        self._clock = clock or SystemClock()
        self._keys: dict[str, tuple[RequestSpec, str]] = {}
        self._deleted: set[str] = set()
        self._listeners: list[tuple[Listener, tuple[str, ...]]] = []
        self._endpoints: list[Endpoint] = []
        self._usual: dict[str, tuple[MadeFile, ...]] = {}
        self._failures: defaultdict[str, deque[Failure]] = defaultdict(deque)

    @property
    def requests(self) -> list[RequestSpec]:
        """What was asked for and accepted, in order."""
        return [job.spec for job in self.jobs.values()]

    def knows(
        self, generator: str, input_schema: Mapping[str, Any] = ANYTHING, version: str = "1.0.0"
    ) -> None:
        """There is a generator of this name (those that are installed here are known anyway)."""
        self.knowledge.learn(generator, input_schema, version)

    def will_make(self, generator: str, *files: MadeFile) -> None:
        """From now on it makes these files."""
        self._usual[generator] = files

    def will_fail(
        self, generator: str, message: str, *, code: str = "failed", times: int = 1
    ) -> None:
        """The next so many requests come to this end."""
        self._failures[generator].extend([Failure(code=code, message=message)] * times)

    def listen(self, listener: Listener, *types: str) -> None:
        """Call it with every event, or those of these types (`media.ready`)."""
        self._listeners.append((listener, types))

    def add_webhook(self, url: str, *events: str) -> None:
        """An endpoint that hears how all jobs end, or only of these (`media.ready`)."""
        self._endpoints.append(Endpoint(url, events))

    async def deliver_webhooks(
        self, transport: httpx.AsyncBaseTransport | None = None
    ) -> list[httpx.Response]:
        """Make the calls that are due, and answer what was answered.

        Without a 2xx it stays due, so that calling again is a retry. For an application in this
        process give `httpx.ASGITransport(application)`.
        """
        due, self.webhooks = self.webhooks, []
        answers = await deliver(due, transport)
        failed = [call for call, said in zip(due, answers, strict=True) if not said.is_success]
        self.webhooks[:0] = failed
        return answers

    def start(self, job_id: JobId) -> None:
        """An attempt begins."""
        job = self.going_on(job_id)
        self._say(job, job.start(self._clock.now()))

    def progress(self, job_id: JobId, percent: float | None, message: str | None = None) -> None:
        """The attempt is so far."""
        job = self.going_on(job_id)
        self._say(job, job.advance(percent, message))

    def stumble(
        self, job_id: JobId, message: str = "try again", *, pause: timedelta = timedelta(seconds=2)
    ) -> None:
        """The attempt fails, and another will follow."""
        job = self.going_on(job_id)
        failure = Failure(code="unavailable", message=message, retryable=True)
        self._say(job, job.stumble(self._clock.now(), failure, pause))

    def finish(self, job_id: JobId, *files: MadeFile) -> None:
        """It is ready, with these files or those of `will_make`."""
        job = self.going_on(job_id)
        made = files or self._usual.get(job.spec.generator) or (PICTURE,)
        self._say(job, job.finish(self._clock.now(), made))

    def fail(self, job_id: JobId, message: str, *, code: str = "failed") -> None:
        """It fails, and no attempt follows."""
        job = self.going_on(job_id)
        self._say(job, job.fail(self._clock.now(), Failure(code=code, message=message)))

    def expire(self, job_id: JobId) -> None:
        """Its deadline has passed."""
        job = self.going_on(job_id)
        self._say(job, job.expire(self._clock.now()))

    def accept(
        self,
        spec: RequestSpec,
        key: str | None,
        correlation_id: str | None = None,
        retried_from: UUID | None = None,
    ) -> tuple[InMemoryJob, bool]:
        """The job of a request, and whether an earlier one with this key had made it."""
        with self.lock:
            self.knowledge.check(spec.generator, spec.input)
            if key in self._keys:
                return self._earlier(key, spec), True
            job_id, now = uuid7(), self._clock.now()
            job = InMemoryJob(job_id, spec, now, correlation_id or str(job_id), retried_from)
            self.jobs[str(job_id)] = job
            if key is not None:
                self._keys[key] = (spec, str(job_id))
            self._say(job, job.accepted())
            if not self._step_by_step:
                self._end(job)
            return job, False

    def get(self, job_id: JobId) -> InMemoryJob:
        """Raises `NotFoundError`, `GoneError`."""
        if str(job_id) in self._deleted:
            raise GoneError(f"The media request {job_id} was deleted: it was asked for.")
        if (job := self.jobs.get(str(job_id))) is None:
            raise NotFoundError(f"There is no media request {job_id}.")
        return job

    def going_on(self, job_id: JobId) -> InMemoryJob:
        """A job that has not ended. Raises `AlreadyFinalError`."""
        job = self.get(job_id)
        if job.is_final:
            raise AlreadyFinalError(f"The media request is {job.status} and goes no further.")
        return job

    def cancel(self, job_id: JobId) -> InMemoryJob:
        """It is no longer wanted. Raises `AlreadyFinalError`."""
        with self.lock:
            job = self.get(job_id)
            if job.status == "canceled":
                return job
            if job.is_final:
                raise AlreadyFinalError(
                    f"The media request is {job.status} and cannot be canceled."
                )
            self._say(job, job.cancel(self._clock.now()))
            return job

    def delete(self, job_id: JobId) -> None:
        """Forget it. Raises `StillRunningError`; again changes nothing."""
        with self.lock:
            if str(job_id) in self._deleted:
                return
            job = self.get(job_id)
            if not job.is_final:
                raise StillRunningError(f"The media request is {job.status}: cancel it first.")
            del self.jobs[str(job_id)]
            self._deleted.add(str(job_id))
            self._say(job, job.delete(self._clock.now()))

    def _earlier(self, key: str, spec: RequestSpec) -> InMemoryJob:
        asked, job_id = self._keys[key]
        if asked != spec:
            raise IdempotencyKeyReusedError
        return self.get(job_id)

    def _end(self, job: InMemoryJob) -> None:
        failures = self._failures[job.spec.generator]
        if failures:
            self._say(job, job.fail(self._clock.now(), failures.popleft()))
        else:
            self.finish(job.id)

    def _say(self, job: InMemoryJob, messages: Iterable[Message]) -> None:
        origin = Origin(self.tenant, job.correlation_id)
        with self.lock:
            for data in messages:
                now = self._clock.now()
                event = announce(data, source="/darkroom/in-memory", time=now, origin=origin)
                self.events.append(event)
                if isinstance(data, FinalMessage):
                    self._call_webhooks(job, event)
                for listener, types in self._listeners:
                    if not types or stem(event.type) in types:
                        listener(event)

    def _call_webhooks(self, job: InMemoryJob, event: CloudEvent) -> None:
        asked = job.spec.webhook
        own = [Endpoint(asked.url, asked.events or ())] if asked else []
        for endpoint in (*own, *self._endpoints):
            if endpoint.wants(event):
                call = WebhookCall.of(endpoint.url, event, self.webhook_secret, event.time)
                self.webhooks.append(call)

"""The api's read model under events that come in any order, any number of times.

Neighbour: `stories` tells which events. However they come, when all have come the read model is
what it would be had they come in order; on the way there nothing is taken back.
"""

from collections.abc import Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from prometheus_client import CollectorRegistry

from services.api.errors import AlreadyFinalError
from services.api.metrics import ApiMetrics
from services.api.models import Job, NewRequest
from services.api.service.cancellation import CancellationService
from services.api.service.catalogue import GeneratorCatalogue
from services.api.service.live_progress import LiveProgress
from services.api.service.projection import ProjectionService, ReceivedEvent
from services.api.service.transitions import project
from services.api.service.waiting import JobWaiters
from services.api.unit_of_work import ApiUnitOfWork
from shared.events import CloudEvent, MediaRequested, Origin, announce, encode
from shared.testing import MOMENT
from tests.model.expected import must
from tests.model.stage import Stage
from tests.model.stories import Answered, Judged, Setbacks, Story, tell

_LOGGED = "SELECT coalesce(json_agg(event_id), '[]') FROM job_event"
JOBS = (UUID("00000000-0000-7000-8000-000000000001"), UUID("00000000-0000-7000-8000-000000000002"))
SETBACKS = st.lists(st.sampled_from(Setbacks), max_size=2).map(tuple)
ANNOUNCED = st.frozensets(st.integers(1, 3))
STORIES = st.builds(
    Story, SETBACKS, ANNOUNCED, st.sampled_from(Answered), st.sampled_from(Judged)
).filter(lambda story: story.answered is not Answered.NEVER_STARTED or not story.setbacks)
PICKS = st.lists(st.integers(0, 15), min_size=1, max_size=4)

Answer = TypeVar("Answer")


class ReadModelMachine(RuleBasedStateMachine):
    """Two jobs, and a broker that delivers what was said of them as it likes."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._run(stage.reset())
        metrics = ApiMetrics(CollectorRegistry())
        catalogue = GeneratorCatalogue(self._open, stage.clock)
        self._service = ProjectionService(
            self._open, catalogue, JobWaiters(), LiveProgress(), metrics
        )
        self._cancellation = CancellationService(self._open, stage.clock)
        self._accepted: dict[UUID, Job] = {}
        self._seen: dict[UUID, Job] = {}
        self._said: list[CloudEvent] = []
        self._delivered: set[str] = set()
        self._wanted = list(JOBS)
        self._sound = True

    @initialize(stories=st.tuples(STORIES, STORIES))
    def jobs_are_made(self, stories: tuple[Story, Story]) -> None:
        for job_id, story in zip(JOBS, stories, strict=True):
            self._said += tell(story, job_id)
        self._run(self._accept())

    @rule(picks=PICKS)
    def events_come(self, picks: list[int]) -> None:
        self._deliver([self._said[pick % len(self._said)] for pick in picks])

    @precondition(lambda self: self._wanted)
    @rule(which=st.sampled_from([0, 1]))
    def a_job_is_canceled(self, which: int) -> None:
        job_id = self._wanted.pop(which % len(self._wanted))
        final = self._seen[job_id].status.final
        try:
            job = self._run(self._cancellation.cancel("default", job_id))
        except AlreadyFinalError:
            must(final, "only what has ended cannot be canceled")
        else:
            must(job.status.value in {"canceling", "canceled"}, "a wish to cancel is kept")
        self._look()

    def teardown(self) -> None:
        """All that has not come yet comes, the last first; then nothing is missing."""
        if self._sound and self._said:
            missing = [event for event in self._said if event.id not in self._delivered]
            self._deliver(list(reversed(missing)))
            for job_id, job in self._accepted.items():
                self._must_be_complete(job_id, job)

    def _must_be_complete(self, job_id: UUID, job: Job) -> None:
        for event in self._said:
            if event.subject == str(job_id):
                job = project(job, event)
        seen = self._seen[job_id]
        must(seen == job, f"every order of events comes to the same: {seen}, not {job}")
        must((seen.status.value == "ready") == bool(seen.assets), "only what is ready has assets")
        must((seen.status.value == "ready") == (seen.failure is None), "what is not says why")

    def _deliver(self, events: Sequence[CloudEvent]) -> None:
        self._sound = False
        received = [ReceivedEvent(event, encode(event).decode()) for event in events]
        self._run(self._service.apply(received))
        self._delivered |= {event.id for event in events}
        self._look()
        self._sound = True

    def _look(self) -> None:
        before, self._seen = self._seen, self._run(self._read())
        for job_id, job in self._seen.items():
            _must_not_go_back(before[job_id], job)
        logged = self._run(self._stage.look("api", _LOGGED))
        must(len(logged) == len(set(logged)), "an event stands once in the log")
        must(self._delivered <= set(logged), "every event that came stands in the log")

    async def _accept(self) -> None:
        for job_id in JOBS:
            job = _a_job(job_id)
            data = MediaRequested(job_id=job_id, generator="card", input={}, requested_at=MOMENT)
            origin = Origin(correlationid=job.correlation_id)
            requested = announce(data, source="/darkroom/api", time=MOMENT, origin=origin)
            async with self._open() as work:
                await work.acceptance.add([NewRequest(job, requested)])
        self._accepted = self._seen = await self._read()

    async def _read(self) -> dict[UUID, Job]:
        async with self._open() as work:
            return await work.projection.lock(JOBS)

    def _open(self) -> ApiUnitOfWork:
        return ApiUnitOfWork(self._stage.engines["api"])

    def _run(self, work: Coroutine[Any, Any, Answer]) -> Answer:
        return self._stage.run(work)


def _a_job(job_id: UUID) -> Job:
    return Job(
        id=job_id,
        tenant="default",
        generator="card",
        lane="interactive",
        input={},
        created_at=MOMENT,
        updated_at=MOMENT,
        correlation_id="corr",
        max_attempts=9,
        finish_by=MOMENT + timedelta(days=7),
    )


def _must_not_go_back(before: Job, job: Job) -> None:
    must(job.version >= before.version, "a version only grows")
    if before.status.final:
        must(job.status is before.status, "a final status never changes")
        must(job.assets == before.assets, "nor does what came out")
    known = {attempt["number"]: attempt for attempt in job.attempts}
    for attempt in before.attempts:
        kept = attempt.get("ended_at") is None or known.get(attempt["number"]) == attempt
        must(kept, "the end of an attempt is not forgotten")
    if before.started_at is not None:
        must(job.started_at is not None, "what has started has started")

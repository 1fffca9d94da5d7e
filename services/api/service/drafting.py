"""Making a job out of a request that is good: its ids, its moments, and what is said of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.api.models import Job, KeyUse, NewRequest
from services.api.service.submission import Submission
from shared.clock import Clock, NewId, id_text
from shared.events import CloudEvent, MediaRequested, Origin, announce
from shared.events.parts import built

SOURCE = "/darkroom/api"
KEYS_LAST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class RequestDefaults:
    """What holds for a request that does not say otherwise."""

    max_attempts: int = 5
    total_timeout: timedelta = timedelta(days=7)


class JobDrafts:
    """Drafts jobs; nothing is written yet."""

    def __init__(self, clock: Clock, new_id: NewId, defaults: RequestDefaults) -> None:
        self._clock = clock
        self._new_id = new_id
        self._defaults = defaults

    def draft(self, submission: Submission) -> NewRequest:
        """The job that `submission` asks for, its `media.requested`, and the use of its key."""
        job = self._job(submission)
        requested = _requested(job, submission)
        answer = None if submission.answer is None else submission.answer(job)
        if submission.key is None:
            return NewRequest(job, requested, answer=answer)
        expires_at = job.created_at + KEYS_LAST
        key = KeyUse(submission.key, submission.fingerprint(), expires_at)
        return NewRequest(job, requested, key, answer=answer)

    def _job(self, submission: Submission) -> Job:
        spec, origin = submission.spec, submission.origin
        job_id, now = self._new_id(), self._clock.now()
        total = _duration(spec.total_timeout_seconds) or self._defaults.total_timeout
        return Job(
            id=job_id,
            tenant=origin.tenant,
            generator=spec.generator,
            lane=spec.priority.value,
            input=spec.input,
            metadata=spec.metadata,
            webhook=spec.webhook.model_dump(mode="json") if spec.webhook else None,
            correlation_id=origin.correlationid or id_text(job_id),
            created_at=now,
            updated_at=now,
            max_attempts=spec.max_attempts or self._defaults.max_attempts,
            attempt_timeout_seconds=spec.attempt_timeout_seconds,
            total_timeout_seconds=spec.total_timeout_seconds,
            deadline_at=_after(now, _duration(spec.deadline_seconds)),
            finish_by=now + total,
            expires_in=spec.expires_in,
            retried_from=submission.retried_from,
        )


def _requested(job: Job, submission: Submission) -> CloudEvent:
    """What is said of it; nothing is validated again, for the request was."""
    origin = submission.origin
    data = built(
        MediaRequested,
        {
            "job_id": job.id,
            "generator": job.generator,
            "input": job.input,
            "lane": submission.spec.priority,
            "metadata": job.metadata,
            "webhook": submission.spec.webhook,
            "requested_at": job.created_at,
            "deadline_at": job.deadline_at,
            "finish_by": job.finish_by,
            "attempt_timeout_seconds": job.attempt_timeout_seconds,
            "max_attempts": job.max_attempts,
            "retried_from": job.retried_from,
            "inputs": submission.inputs,
        },
    )
    caused = Origin(origin.tenant, job.correlation_id, origin.causationid, origin.traceparent)
    return announce(data, source=SOURCE, time=job.created_at, origin=caused)


def _duration(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)


def _after(now: datetime, duration: timedelta | None) -> datetime | None:
    return None if duration is None else now + duration

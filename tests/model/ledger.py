"""The model of the generator: what its tables must say after each step.

It never looks into the database. Where the service is free to choose (which of the jobs that can be
claimed), it is told the choice and refuses one that may not be made.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.generator.models import (
    Cause,
    ClaimedJob,
    ControlWord,
    Decision,
    JobKey,
    Result,
    Wish,
)
from shared.clock import derived_id
from shared.events import (
    CloudEvent,
    Lane,
    MediaDeadlineMet,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaRequested,
    MediaRetrying,
    MediaStarted,
    Message,
    Resolution,
)
from tests.model.actors import LEASE
from tests.model.evidence import GeneratorEvidence
from tests.model.expected import ExpectedJob, must

_WEIGHT = (Cause.START, Cause.TOTAL, Cause.CANCELED)


@dataclass(frozen=True, slots=True)
class Hand:
    """A worker with a job that it once claimed; whether it still holds it is another matter."""

    worker: str
    job: ClaimedJob


class Ledger:
    """All jobs, everything that was said of them, and the words of operators."""

    def __init__(self) -> None:
        self.jobs: dict[UUID, ExpectedJob] = {}
        self.outbox: Counter[str] = Counter()
        self._word: ControlWord | None = None

    def must_agree(self, seen: GeneratorEvidence) -> None:
        """The tables say exactly this."""
        expected = {job.id: job.facts for job in self.jobs.values()}
        must(seen.jobs == expected, f"jobs are as they are: {_differing(seen.jobs, expected)}")
        attempts = {job.id: tuple(job.attempts) for job in self.jobs.values() if job.attempts}
        must(seen.attempts == attempts, f"attempts too: {_differing(seen.attempts, attempts)}")
        said = Counter(seen.said)
        must(said == self.outbox, f"too much is said: {said - self.outbox}; {self.outbox - said}")

    def admit(self, requests: Iterable[CloudEvent], now: datetime) -> None:
        """New ones are written down; of the rest nothing is changed."""
        for event in requests:
            data = event.data
            assert isinstance(data, MediaRequested)
            job = ExpectedJob(data.job_id, data.lane, "queued", data.max_attempts, now)
            job.deadline_at, job.finish_by = data.deadline_at, data.finish_by
            self.jobs.setdefault(job.id, job)

    def admit_and_begin(
        self,
        requests: Sequence[CloudEvent],
        worker: str,
        answer: Sequence[ClaimedJob],
        now: datetime,
    ) -> None:
        """New ones begin if they may, but all of them wait where anything waits before them."""
        crowded, known = bool(self.waiting(now)), set(self.jobs)
        self.admit(requests, now)
        free = {} if crowded else self.waiting(now)
        may = free.keys() - known
        must({job.id for job in answer} == may, "what may begin does, unless anything waits")
        for claimed in answer:
            self._begin(free[claimed.id], worker, claimed, now)

    def waiting(self, now: datetime) -> dict[UUID, ExpectedJob]:
        """What a worker may have now, and nobody has had it before."""
        free = self.claimable(now)
        return {job_id: job for job_id, job in free.items() if job.status != "running"}

    @property
    def parked(self) -> dict[UUID, int]:
        """The jobs that wait until somebody has decided about their last attempt."""
        return {job.id: job.attempt for job in self.jobs.values() if job.parked}

    def hear(self, heard: Sequence[Wish | ControlWord | Decision], now: datetime) -> None:
        """Of several wishes about one job a cancellation counts most; of words the newest.

        Of several decisions about one job the first that fits counts.
        """
        chosen: dict[UUID, Cause] = {}
        for one in heard:
            if isinstance(one, Wish):
                rival = chosen.get(one.job_id, one.cause)
                chosen[one.job_id] = max(one.cause, rival, key=_WEIGHT.index)
            elif isinstance(one, ControlWord):
                older = self._word is None or _age(self._word) < _age(one)
                self._word = one if older else self._word
        for job_id, cause in chosen.items():
            self._stop(job_id, cause, now)
        for one in heard:
            if isinstance(one, Decision) and self.parked.get(one.job_id) == one.attempt:
                self._reconcile(self.jobs[one.job_id], one.resolution, now)

    def claimable(self, now: datetime) -> dict[UUID, ExpectedJob]:
        """What a worker may have now."""
        if self._word is not None and self._word.paused:
            return {}
        return {job.id: job for job in self.jobs.values() if job.claimable(now)}

    def claim(
        self,
        worker: str,
        slots: int,
        answer: Sequence[ClaimedJob],
        now: datetime,
        locked: int = 0,
        *,
        take_over: bool = True,
    ) -> None:
        """As many as there are slots and jobs, interactive ones first.

        Another claim that has not committed holds `locked` of them.
        """
        free = self.claimable(now) if take_over else self.waiting(now)
        must(all(job.id in free for job in answer), "a job is claimed only when it may be")
        must(len({job.id for job in answer}) == len(answer), "one claim takes a job once")
        must(len(answer) == min(slots, len(free) - locked), "free slots take what there is")
        left = free.keys() - {job.id for job in answer}
        if not locked and any(free[job_id].lane is Lane.INTERACTIVE for job_id in left):
            urgent = all(job.lane is Lane.INTERACTIVE for job in answer)
            must(urgent, "interactive jobs come before batch")
        for claimed in answer:
            self._begin(free[claimed.id], worker, claimed, now)

    def renew(self, held: Iterable[JobKey], now: datetime) -> dict[JobKey, Cause | None]:
        """The answer to a heartbeat: what is still ours, and why it is to be stopped."""
        ours = [key for key in held if self.holds(key)]
        for job_id, _ in ours:
            self.jobs[job_id].lease_until = now + LEASE
        return {key: self.jobs[key[0]].cause for key in ours}

    def announce_start(self, hand: Hand) -> None:
        """It is said only by who holds the job."""
        if self.holds(hand.job.key):
            self._say(MediaStarted, hand.job.id, hand.job.attempt)

    def record(self, results: Iterable[Result], now: datetime) -> set[JobKey]:
        """The results that count: nobody else has had the job since."""
        ours = [result for result in results if self.holds(result.job.key)]
        for result in ours:
            job = self.jobs[result.job.id]
            job.close_attempt(result.attempt.outcome.value)
            job.rest(result.status.value)
            if result.delay is not None:
                job.available_at = now + result.delay
            if result.setback is not None:
                kind = result.setback.value
                job.setbacks = job.setbacks | {kind: job.setbacks.get(kind, 0) + 1}
            job.max_attempts += result.uncounted
            self.outbox[result.event.id] += 1
        return {result.job.key for result in ours}

    def reap(self, now: datetime) -> None:
        """What nobody will go on with ends; what runs too long is to be stopped."""
        for job in self.jobs.values():
            cause, lost = job.why_stopped(now), job.abandoned(now)
            if lost and (cause is not None or not job.may_be_taken_over()):
                job.close_attempt("lost")
                self._end(job, cause)
            elif (job.parked or job.status in {"queued", "retrying"}) and cause is not None:
                self._end(job, cause)
            elif job.status == "running" and not lost and cause is Cause.TOTAL:
                job.flagged, job.cause = True, cause

    def holds(self, key: JobKey) -> bool:
        """Whether this attempt is the one that counts."""
        job = self.jobs[key[0]]
        return job.status == "running" and job.fence == key[1]

    def _stop(self, job_id: UUID, cause: Cause, now: datetime) -> None:
        job = self.jobs.get(job_id)
        if job is None:
            job = ExpectedJob(job_id, Lane.BATCH, "queued", 1, now)
            self.jobs[job_id] = job
        if job.finished:
            return
        if cause is Cause.START and job.status != "queued":
            self._say(MediaDeadlineMet, job_id, 0)
            return
        job.flagged, job.cause = True, job.cause or cause
        if job.status != "running":
            self._end(job, job.cause)

    def _reconcile(self, job: ExpectedJob, resolution: Resolution, now: datetime) -> None:
        if job.flagged:
            return
        job.available_at = now
        if resolution is Resolution.FAIL:
            self._end(job, None)
        else:
            job.rest("retrying")

    def _begin(self, job: ExpectedJob, worker: str, claimed: ClaimedJob, now: datetime) -> None:
        must((job.status == "running") == (claimed.lost is not None), "a takeover is told of")
        if job.status == "running":
            job.lose()
            self._say(MediaRetrying, job.id, job.attempt)
        job.begin(worker, now + LEASE)
        must((claimed.attempt, claimed.fence) == (job.attempt, job.fence), "attempts are counted")

    def _end(self, job: ExpectedJob, cause: Cause | None) -> None:
        job.cause = cause
        job.rest("failed" if cause is None else "canceled")
        kind = MediaGenerationFailed if cause is None else MediaGenerationCanceled
        self._say(kind, job.id, job.attempt)

    def _say(self, kind: type[Message], job_id: UUID, number: int) -> None:
        self.outbox[str(derived_id(job_id, kind.type_name, number))] += 1


def _age(word: ControlWord) -> tuple[datetime, str]:
    return word.said_at, word.message_id


def _differing(seen: object, expected: object) -> str:
    assert isinstance(seen, dict), seen
    assert isinstance(expected, dict), expected
    keys = [key for key in seen | expected if seen.get(key) != expected.get(key)]
    return "; ".join(f"{seen.get(key)}, not {expected.get(key)}" for key in keys)

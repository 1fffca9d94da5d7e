"""What the system promises, checked on what stands in the tables and what was heard on the broker.

Independent of the ledger: it holds for every correct generator and notifier, however they decide.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from services.generator.models import JobKey
from shared.events import (
    CloudEvent,
    MediaCanceled,
    MediaDeadlineMet,
    MediaExpired,
    MediaFailed,
    MediaReady,
    MediaStarted,
)
from tests.model.evidence import AttemptFacts, GeneratorEvidence, JobFacts, NotifierEvidence
from tests.model.expected import FINAL, must

_FINAL_WORDS = (MediaReady, MediaFailed, MediaCanceled, MediaExpired)
_REPEATED = (MediaStarted, MediaDeadlineMet)
"""Answers that may be given again, later: they have no bearing on how a job ends."""


class Witness:
    """Remembers what was seen, for what may never change or go back."""

    def __init__(self) -> None:
        self._generator = GeneratorEvidence()
        self._notifier = NotifierEvidence()
        self._leases: dict[JobKey, datetime] = {}
        self._said: dict[str, CloudEvent] = {}
        self._last_words: dict[UUID, str] = {}

    def leased(self, keys: Iterable[JobKey], until: datetime) -> None:
        """A worker was told that it has these until then."""
        self._leases.update(dict.fromkeys(keys, until))

    def gave_back(self, keys: Iterable[JobKey]) -> None:
        """A worker knows that it has these no more."""
        for key in keys:
            self._leases.pop(key, None)

    def look_at_generator(self, seen: GeneratorEvidence, now: datetime) -> None:
        """What holds of jobs and attempts at every moment."""
        for job_id, job in seen.jobs.items():
            attempts = seen.attempts.get(job_id, ())
            _attempts_are_counted(job, attempts)
            _an_end_is_an_end(job, attempts, seen.assets.count(job_id))
            self._nothing_goes_back(job, attempts)
        live = [job_id for (job_id, _), until in self._leases.items() if until >= now]
        must(len(live) == len(set(live)), "a job has one holder with a valid lease")
        for (job_id, fence), until in self._leases.items():
            kept = seen.jobs[job_id].finished or seen.jobs[job_id].fence == fence
            must(kept or until < now, "a job with a valid lease is not taken away")
        self._generator = seen

    def look_at_notifier(self, seen: NotifierEvidence) -> None:
        """What holds of verdicts at every moment."""
        for job_id, verdict in self._notifier.verdicts.items():
            must(seen.verdicts.get(job_id) == verdict, "the first verdict stands")
        decided = {verdict.event_id for verdict in seen.verdicts.values()}
        must(decided.issuperset(seen.said), "only verdicts wait to be announced")
        for job_id, event_id in self._last_words.items():
            known = job_id in seen.verdicts and seen.verdicts[job_id].event_id == event_id
            must(known, "only the verdict is announced")
        self._notifier = seen

    def hear(self, published: Iterable[CloudEvent]) -> None:
        """What services say: the same words under the same id, and one last word a job."""
        for event in published:
            if not isinstance(event.data, _REPEATED):
                same = self._said.setdefault(event.id, event)
                must(same == event, "an event says the same every time")
            if isinstance(event.data, _FINAL_WORDS):
                first = self._last_words.setdefault(event.data.job_id, event.id)
                must(first == event.id, "a job has one final event")

    def must_be_at_rest(self, accepted: Iterable[UUID]) -> None:
        """Whatever was accepted has ended, everywhere, and everybody was told."""
        for job_id in accepted:
            job = self._generator.jobs[job_id]
            must(job.finished, f"what was accepted ends: {job}")
            must(job_id in self._notifier.verdicts, f"every end has its verdict: {job}")
            must(job_id in self._last_words, f"everybody is told how it ended: {job}")
        must(not self._generator.said and not self._notifier.said, "nothing is left unsaid")
        must(not self._notifier.pending, "no wish is left unanswered")

    def _nothing_goes_back(self, job: JobFacts, attempts: Sequence[AttemptFacts]) -> None:
        before = self._generator.jobs.get(job.id)
        if before is None:
            return
        must(job.fence >= before.fence, "a fence only grows")
        must(job == before or not before.finished, f"what has ended stays: {before}, now {job}")
        closed = [old for old in self._generator.attempts.get(job.id, ()) if old.ended]
        must(closed == list(attempts[: len(closed)]), "an attempt that has ended stays as it is")


def _attempts_are_counted(job: JobFacts, attempts: Sequence[AttemptFacts]) -> None:
    numbers = [attempt.number for attempt in attempts]
    must(numbers == list(range(1, job.attempt + 1)), "attempts are numbered without gaps")
    must(job.attempt <= job.max_attempts, "no job is tried more often than it may")
    fences = [attempt.fence for attempt in attempts]
    must(fences == sorted(set(fences)), "every attempt has a later fence")
    for attempt in attempts:
        must(attempt.ended == (attempt.outcome != "running"), "a closed attempt has an outcome")
        runs = attempt.number == job.attempt and job.status == "running"
        must(runs != attempt.ended, "the last attempt of a running job is open, and no other")


def _an_end_is_an_end(job: JobFacts, attempts: Sequence[AttemptFacts], assets: int) -> None:
    must(job.finished == (job.status in FINAL), "what has ended has a final status")
    successes = sum(attempt.outcome == "succeeded" for attempt in attempts)
    made = job.status == "generated"
    must(successes == made and assets == made, "a job is made once, and then it is generated")

"""Deciding by what is heard: answers give verdicts, wishes wait for their answer.

Outcomes come in any order and more than once (a job generated just as its deadline passes; a
delivery repeated after a crash). Neighbours: `subscribers` brings them, `closing` ends what nobody
answers, the outbox says the verdicts.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from services.notifier.errors import NotAnOutcomeError
from services.notifier.models import EndKind, PendingEnd, Verdict
from services.notifier.service.proposal import DEADLINE_PASSED, Answer, pending_end, verdict
from services.notifier.service.work import Nobody, Observer, OpenUnitOfWork, Webhooks, Work, give
from shared.clock import Clock
from shared.events import (
    CloudEvent,
    Deadline,
    MediaDeadlinePassed,
    MediaDeleted,
    MediaGenerationCanceled,
)

Answers = dict[UUID, tuple[CloudEvent, Answer]]
Missed = dict[UUID, Deadline | None]
Passed = dict[UUID, MediaDeadlinePassed]


class NotificationService:
    """Decides who is told what about how a job ended."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        clock: Clock,
        observer: Observer,
        grace: timedelta,
        webhooks: Webhooks | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock
        self._observer = observer
        self._webhooks = webhooks or Nobody()
        self._grace = grace

    async def decide(self, heard: Sequence[CloudEvent]) -> Sequence[Verdict]:
        """Give the verdict on each job that was answered and has none yet; keep the wishes.

        A total deadline of a job that has its verdict means that the api does not know: its final
        event is said again, with the id that it has. Where all are answers and nobody is to be
        called, as nearly always, it is a single statement.

        Answers the verdicts that were given now. Raises `NotAnOutcomeError`.
        """
        heard = await self._without_deleted(heard)
        answers, ends = _sorted(heard)
        missed = _missed_deadlines(answers)
        passed: Passed = {}
        async with self._unit_of_work() as work:
            if ends or missed:
                await work.pending_ends.add(ends, self._grace)
                await work.verdicts.say_again([e.job_id for e in ends if e.kind is EndKind.TOTAL])
                passed = await _passed_deadlines(work, missed)
            proposals = self._proposals(answers, passed)
            due = await self._webhooks.due(proposals)
            if not (ends or missed or due):
                work.alone()
            given = await give(work, proposals, due)
        self._observer.decided(given)
        if due:
            self._webhooks.wake()
        return given

    async def _without_deleted(self, heard: Sequence[CloudEvent]) -> Sequence[CloudEvent]:
        """What is left to decide once what was deleted is forgotten; that had its end before."""
        deleted = {one.data.job_id for one in heard if isinstance(one.data, MediaDeleted)}
        if not deleted:
            return heard
        async with self._unit_of_work() as work:
            await work.verdicts.forget(sorted(deleted))
        return [one for one in heard if getattr(one.data, "job_id", None) not in deleted]

    def _proposals(self, answers: Answers, passed: Passed) -> list[Verdict]:
        now = self._clock.now()
        return [
            verdict(event, answer, now, passed.get(job_id) if passed else None)
            for job_id, (event, answer) in answers.items()
        ]


def _sorted(heard: Iterable[CloudEvent]) -> tuple[Answers, list[PendingEnd]]:
    """The first answer of each job, and one pending end of each kind: void beats any wish."""
    answers: Answers = {}
    ends: dict[tuple[UUID, EndKind], PendingEnd] = {}
    for event in heard:
        if isinstance(event.data, Answer):
            answers.setdefault(event.data.job_id, (event, event.data))
        elif end := pending_end(event):
            key = end.job_id, end.kind
            if key not in ends or end.wish is None:
                ends[key] = end
        else:
            raise NotAnOutcomeError(f"{event.type} does not say how a job ends")
    return answers, list(ends.values())


def _missed_deadlines(answers: Answers) -> Missed:
    """The jobs that generators say have missed a deadline, and which one where they know."""
    return {
        job_id: answer.deadline
        for job_id, (_, answer) in answers.items()
        if type(answer) is MediaGenerationCanceled and answer.reason == DEADLINE_PASSED
    }


async def _passed_deadlines(work: Work, missed: Missed) -> Passed:
    """The api's announcements of those deadlines, where they were heard."""
    passed: Passed = {}
    for event in await work.pending_ends.list_wishes(list(missed)):
        if isinstance(event.data, MediaDeadlinePassed):
            job_id, deadline = event.data.job_id, event.data.deadline
            if missed[job_id] in (None, deadline):
                passed.setdefault(job_id, event.data)
    return passed

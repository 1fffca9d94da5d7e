"""Replaying dead letters: back into the queue that they could not leave, with their own ids.

A letter is published inside the transaction that marks it as replayed: locked, so that two
operators never send the same one, and sent again rather than forgotten when the commit fails. The
message keeps its id, so that whoever has handled it before recognises it; and what a command counts
by: where its answer goes, and whose it is. We are the sender now, so that stands in a header, which
is believed because RabbitMQ vouches for us (`shared.messaging.dead_letters`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.api.errors import BeingReplayedError, NotReplayableError
from services.api.metrics import DeadLetterMetrics
from services.api.models import DeadLetter, DeadLetterFilter
from services.api.service.dead_messages import REPLAY
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.errors import DarkroomError, RetryableError
from shared.messaging import dead_letters as header
from shared.messaging import topology
from shared.messaging.outgoing import Outgoing
from shared.messaging.publisher import PublishesMany

BATCH = 50
_DEFAULT_EXCHANGE = ""
_KEPT = frozenset({header.ATTEMPT, header.FIRST_SEEN})
_OF_THE_BROKER = ("x-death", "x-first-death-", "x-last-death-", "x-delivery-count", "x-acquired-")


@dataclass(slots=True)
class ReplayReport:
    """What became of many letters; `remaining` still wait, those that failed among them."""

    replayed: int = 0
    failed: list[tuple[UUID, DarkroomError]] = field(default_factory=list)
    remaining: int = 0


class ReplayService:
    """Sends dead letters back to their queues.

    Sending takes as long as RabbitMQ takes to confirm, so it has a `patient` unit of work; what is
    looked at before tells soon when the database is away. `user`: our own on the broker, as whom
    it is said who sent a message; None: that is not said.
    """

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        patient: OpenUnitOfWork,
        publisher: PublishesMany,
        *,
        clock: Clock,
        metrics: DeadLetterMetrics,
        user: str | None = None,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._patient = patient
        self._publisher = publisher
        self._clock = clock
        self._metrics = metrics
        self._user = user

    async def replay(self, letter_id: UUID) -> DeadLetter:
        """Send one letter, also one that was replayed before.

        Raises `DeadLetterNotFoundError`, `NotReplayableError`, `BeingReplayedError`, and
        `BrokerUnavailableError` when nothing can be sent now.
        """
        async with self._unit_of_work() as work:
            await work.dead_letters.get(letter_id)
        async with self._patient() as work:
            letter = await work.dead_letter_claims.find(letter_id)
            if letter is None:
                raise BeingReplayedError
            [problem] = await self._send(work, [letter])
            if problem is not None:
                raise problem
            letter = await work.dead_letters.get(letter_id)
        self._metrics.replayed(1)
        return letter

    async def replay_many(self, wanted: DeadLetterFilter) -> ReplayReport:
        """Send the oldest of those that were not replayed yet, at most `limit`.

        Raises `BrokerUnavailableError`, whose `replayed` says how many were sent before.
        """
        report = ReplayReport()
        async with self._unit_of_work() as work:
            report.remaining = await work.dead_letters.count(wanted)
        after: int | None = 0 if report.remaining else None
        while after is not None and (room := wanted.limit - _tried(report)) > 0:
            batch = replace(wanted, after=after, limit=min(room, BATCH))
            try:
                after = await self._replay_batch(batch, report)
            except RetryableError as error:
                error.extra["replayed"] = report.replayed
                raise
        async with self._unit_of_work() as work:
            report.remaining = await work.dead_letters.count(wanted)
        return report

    async def _replay_batch(self, wanted: DeadLetterFilter, report: ReplayReport) -> int | None:
        """Answers where the next batch begins; None: there is none."""
        async with self._patient() as work:
            letters = await work.dead_letter_claims.claim(wanted)
            problems = await self._send(work, letters) if letters else []
        failed = [
            (letter.id, problem)
            for letter, problem in zip(letters, problems, strict=True)
            if problem is not None
        ]
        report.failed += failed
        report.replayed += len(letters) - len(failed)
        self._metrics.replayed(len(letters) - len(failed))
        return letters[-1].seq if len(letters) == wanted.limit else None

    async def _send(
        self, work: ApiUnitOfWork, letters: Sequence[DeadLetter]
    ) -> list[NotReplayableError | None]:
        """Publish those that can be, and mark those that were taken."""
        problems = {letter.id: _misplaced(letter) for letter in letters}
        good = [letter for letter in letters if problems[letter.id] is None]
        answers = await self._publisher.publish_many(
            [_message(letter, self._user) for letter in good]
        )
        for letter, answer in zip(good, answers, strict=True):
            if answer is not None:
                problems[letter.id] = NotReplayableError(
                    f"RabbitMQ did not take it for the queue {letter.queue!r}: {answer.detail}"
                )
        sent = [letter.id for letter in good if problems[letter.id] is None]
        await work.dead_letter_claims.mark_replayed(sent, self._clock.now())
        return [problems[letter.id] for letter in letters]


def _tried(report: ReplayReport) -> int:
    return report.replayed + len(report.failed)


def _misplaced(letter: DeadLetter) -> NotReplayableError | None:
    if letter.queue and letter.queue != topology.DEAD_LETTERS:
        return None
    return NotReplayableError("It is not known which queue it came from: it can only be deleted.")


def _message(letter: DeadLetter, user: str | None) -> Outgoing:
    """The original message, straight to its queue, whoever else is bound to its exchange."""
    passed_on = {header.SENDER: letter.sender} if user else {}
    return Outgoing(
        exchange=_DEFAULT_EXCHANGE,
        routing_key=letter.queue,
        body=letter.body,
        message_id=letter.message_id,
        type=letter.type,
        correlation_id=letter.correlation_id or None,
        content_type=letter.content_type,
        headers={
            **{name: value for name, value in letter.headers.items() if _is_kept(name)},
            REPLAY: f"{letter.id}:{letter.replays + 1}",
            **passed_on,
        },
        reply_to=letter.reply_to or None,
        user_id=user,
    )


def _is_kept(name: str) -> bool:
    """What the sender said; of ours the count of attempts, and when it was first seen."""
    if name.startswith(header.PREFIX):
        return name in _KEPT
    return not name.startswith(_OF_THE_BROKER)

"""What is said of commands: to whoever sent one, and of refused ones to everybody.

The ids of answers come from their commands, so that an answer that is given again is recognisably
the same.
"""

from collections.abc import Callable
from hashlib import sha256
from math import ceil

from services.api.models import Job
from services.api.service.command_reading import Command, Sender
from services.api.service.drafting import SOURCE
from services.api.service.job_json import job_json
from services.api.service.queries import JobView
from services.api.service.specification import invalid
from shared.clock import Clock, derived_id
from shared.errors import DarkroomError, FieldError
from shared.events import (
    CancelMedia,
    CloudEvent,
    MediaAccepted,
    MediaRejected,
    Origin,
    RequestMedia,
    announce,
)
from shared.messaging.answers import answer, why_not
from shared.messaging.outgoing import Outgoing
from shared.observability import valid_traceparent
from shared.problem import problem_of

REPLY_TO = "/properties/reply_to"


def place_of(sender: Sender) -> str | None:
    """The queue that is answered to, if one is. Raises `InvalidInputError`."""
    queue = sender.reply_to
    if queue and (problem := why_not(queue)):
        raise invalid([FieldError(REPLY_TO, f"{queue[:100]!r} {problem}")])
    return queue or None


def origin_of(envelope: CloudEvent) -> Origin:
    """Where the events come from that a command causes."""
    return Origin(
        tenant=envelope.tenant,
        correlationid=envelope.correlationid or envelope.id,
        causationid=envelope.id,
        traceparent=valid_traceparent(envelope.traceparent),
    )


class CommandAnswers:
    """Puts answers into words. `view`: what is to be shown of a job."""

    def __init__(self, view: Callable[[Job], JobView], clock: Clock) -> None:
        self._view = view
        self._clock = clock

    def accepted(self, command: Command, job: Job) -> Outgoing:
        """It has been carried out, and this is the job. Said where the sender wants to hear it."""
        envelope = command.envelope
        event = announce(
            MediaAccepted(
                command_id=envelope.id,
                command_type=envelope.type,
                generator=job.generator,
                job_id=job.id,
                job=job_json(self._view(job)),
            ),
            source=SOURCE,
            time=job.updated_at,
            origin=origin_of(envelope),
            event_id=_id(envelope, MediaAccepted.type_name),
        )
        return reply(event, command.sender)

    def rejected(self, command: Command, problem: DarkroomError) -> CloudEvent:
        """It was not, and that is why."""
        envelope, data = command.envelope, command.data
        return announce(
            _rejection(
                problem,
                command_id=envelope.id,
                command_type=envelope.type,
                generator=data.generator if isinstance(data, RequestMedia) else None,
                job_id=data.job_id if isinstance(data, CancelMedia) else None,
            ),
            source=SOURCE,
            time=self._clock.now(),
            origin=origin_of(envelope),
            event_id=_id(envelope, MediaRejected.type_name),
        )

    def unreadable(self, body: bytes, problem: DarkroomError) -> CloudEvent:
        """What was sent is no command at all; which one it is nobody can say but by its bytes."""
        digest = sha256(body).hexdigest()
        return announce(
            _rejection(problem, command_id=digest, command_type="unreadable"),
            source=SOURCE,
            time=self._clock.now(),
            event_id=str(derived_id(digest, MediaRejected.type_name)),
        )


def reply(event: CloudEvent, sender: Sender) -> Outgoing:
    """The event as an answer to whoever asked for one."""
    assert sender.reply_to is not None, "somebody waits for it"
    question = sender.correlation_id
    if question is not None and not question.isprintable():
        question = None
    return answer(event, sender.reply_to, question)


def _rejection(problem: DarkroomError, **about: object) -> MediaRejected:
    wait = problem.retry_after
    return MediaRejected.model_validate(
        {
            **about,
            "problem": problem_of(problem),
            "retry_after_seconds": None if wait is None else max(1, ceil(wait.total_seconds())),
        }
    )


def _id(envelope: CloudEvent, type_name: str) -> str:
    return str(derived_id(envelope.tenant, envelope.source, envelope.id, type_name))

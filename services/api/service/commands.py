"""Commands of other services: the same as the HTTP calls, answered by events."""

import asyncio
from collections.abc import Sequence

from services.api.errors import QueueFullError
from services.api.service.cancellation import CancellationService
from services.api.service.command_reading import Command
from services.api.service.drafting import SOURCE
from services.api.service.requests import MediaRequestService
from services.api.service.submission import Submission
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock, derived_id
from shared.errors import DarkroomError, PermanentError
from shared.events import (
    CancelMedia,
    CloudEvent,
    MediaRejected,
    Origin,
    RequestMedia,
    announce,
)
from shared.problem import problem_of


class CommandService:
    """Does what commands ask for; one that cannot be done is answered with `media.rejected`."""

    def __init__(
        self,
        requests: MediaRequestService,
        cancellation: CancellationService,
        unit_of_work: OpenUnitOfWork,
        clock: Clock,
    ) -> None:
        self._requests = requests
        self._cancellation = cancellation
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def handle(self, batch: Sequence[Command]) -> None:
        """Do a batch. Doing it again changes nothing: keys and event ids come from the commands."""
        problems = await asyncio.gather(*(self._problem_with(command) for command in batch))
        rejected = [
            self._rejected(command, problem)
            for command, problem in zip(batch, problems, strict=True)
            if problem is not None
        ]
        if rejected:
            async with self._unit_of_work() as work:
                await work.outbox.add(rejected)

    async def _problem_with(self, command: Command) -> DarkroomError | None:
        """What is answered; a passing error is none: the command is handled again."""
        try:
            await self._do(command)
        except (PermanentError, QueueFullError) as problem:
            return problem
        return None

    async def _do(self, command: Command) -> None:
        if command.problem is not None:
            raise command.problem
        match command.data:
            case RequestMedia() as wanted:
                await self._requests.submit(_submission(command.envelope, wanted))
            case CancelMedia(job_id=job_id):
                await self._cancellation.cancel(command.envelope.tenant, job_id)

    def _rejected(self, command: Command, problem: DarkroomError) -> CloudEvent:
        envelope, data = command.envelope, command.data
        return announce(
            MediaRejected(
                command_id=envelope.id,
                command_type=envelope.type,
                generator=data.generator if isinstance(data, RequestMedia) else None,
                job_id=data.job_id if isinstance(data, CancelMedia) else None,
                problem=problem_of(problem),
            ),
            source=SOURCE,
            time=self._clock.now(),
            origin=_origin(envelope),
            event_id=derived_id(envelope.source, envelope.id, MediaRejected.type_name),
        )


def _submission(envelope: CloudEvent, wanted: RequestMedia) -> Submission:
    key = wanted.idempotency_key
    name = f"command:key:{key}" if key else f"command:id:{envelope.source}:{envelope.id}"
    return Submission(spec=wanted, origin=_origin(envelope), key=name)


def _origin(envelope: CloudEvent) -> Origin:
    return Origin(
        tenant=envelope.tenant,
        correlationid=envelope.correlationid or envelope.id,
        causationid=envelope.id,
        traceparent=envelope.traceparent,
    )

"""Commands of other services: the same as the HTTP calls, answered by events.

Whoever names a queue in `reply_to` is answered there: an acceptance is written in the transaction
that makes the job, so that it is said if and only if there is one; a command that comes again is
answered again, with the same id. A refusal is also said to everybody, unless the sender had no
right to speak. Neighbours: `senders` admits, `command_answers` finds the words.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256

import structlog

from services.api.errors import ScopeMissingError, UnauthenticatedError
from services.api.service.cancellation import CancellationService
from services.api.service.command_answers import CommandAnswers, origin_of, place_of, reply
from services.api.service.command_reading import Command, Sender
from services.api.service.requests import MediaRequestService
from services.api.service.senders import Senders
from services.api.service.submission import Answer, Submission
from services.api.unit_of_work import OpenUnitOfWork
from shared.errors import DarkroomError, InvalidInputError, PermanentError, RateLimitedError
from shared.events import CancelMedia, CloudEvent, Origin, RequestMedia
from shared.messaging.answers import NoAnswers, TakesAnswers, is_direct, why_not
from shared.messaging.outgoing import Outgoing
from shared.observability import new_traceparent

_LONGEST_NAME = 500
"""Characters of an idempotency key as it is; longer ones are kept as their hash."""
_NOT_ADMITTED = (UnauthenticatedError, ScopeMissingError)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Said:
    """What is still to be said of a command: `told` to everybody, `replied` to its sender."""

    told: CloudEvent | None = None
    replied: Outgoing | None = None


@dataclass(frozen=True, slots=True)
class Commanding:
    """How commands come in. `direct` takes the answers to addresses that end with their connection.

    `keys_needed`: whether a command counts only by the broker's user who sent it. `user`: then our
    own, who alone may say that it passes on what another has sent.
    """

    direct: TakesAnswers = field(default_factory=NoAnswers)
    keys_needed: bool = False
    user: str | None = None


class CommandService:
    """Does what commands ask for; one that cannot be done is answered with `media.rejected`."""

    def __init__(
        self,
        requests: MediaRequestService,
        cancellation: CancellationService,
        unit_of_work: OpenUnitOfWork,
        *,
        answers: CommandAnswers,
        senders: Senders,
        direct: TakesAnswers,
    ) -> None:
        self._requests = requests
        self._cancellation = cancellation
        self._unit_of_work = unit_of_work
        self._answers = answers
        self._senders = senders
        self._direct = direct

    async def handle(self, batch: Sequence[Command]) -> None:
        """Do a batch. Doing it again changes nothing: keys and event ids come from the commands."""
        said = await asyncio.gather(*(self._answer(command) for command in batch))
        told = [one.told for one in said if one.told is not None]
        replies = [one.replied for one in said if one.replied is not None]
        lasting = [one for one in replies if not is_direct(one.routing_key)]
        if told or lasting:
            async with self._unit_of_work() as work:
                await work.outbox.add(told)
                await work.outbox.send(lasting)
        self._direct.send(one for one in replies if is_direct(one.routing_key))

    def answer_unreadable(self, body: bytes, sender: Sender, problem: DarkroomError) -> None:
        """Say so to whoever sent it, if that can be done at once; it is a dead letter besides."""
        try:
            if place_of(sender):
                self._direct.send([reply(self._answers.unreadable(body, problem), sender)])
        except InvalidInputError:
            log.warning("commands.unanswerable", reply_to=sender.reply_to)

    async def _answer(self, command: Command) -> Said:
        """What is said of it; a passing error is raised: the command is handled again."""
        try:
            command = await self._senders.admit(command)
            return await self._carry_out(command, place_of(command.sender))
        except (PermanentError, RateLimitedError) as problem:
            return self._refusal(command, problem)

    async def _carry_out(self, command: Command, queue: str | None) -> Said:
        if command.problem is not None:
            raise command.problem
        match command.data:
            case RequestMedia() as wanted:
                return await self._request(command, wanted, queue)
            case CancelMedia() as unwanted:
                return await self._cancel(command, unwanted, queue)
        raise AssertionError("a command has data or a problem")

    async def _request(self, command: Command, wanted: RequestMedia, queue: str | None) -> Said:
        say, within = self._words(command, queue)
        envelope = command.envelope
        accepted = await self._requests.submit(
            Submission(wanted, _origin(envelope), _key(envelope, wanted), answer=within)
        )
        if say is None or (within is not None and not accepted.replayed):
            return Said()
        return Said(replied=say(accepted.job))

    async def _cancel(self, command: Command, unwanted: CancelMedia, queue: str | None) -> Said:
        say, within = self._words(command, queue)
        envelope = command.envelope
        job = await self._cancellation.cancel(
            envelope.tenant, unwanted.job_id, cause=envelope.id, answer=within
        )
        return Said() if say is None or within is not None else Said(replied=say(job))

    def _words(self, command: Command, queue: str | None) -> tuple[Answer | None, Answer | None]:
        """How an acceptance is answered, and that once more if it is to be in the transaction."""
        if queue is None:
            return None, None
        say = partial(self._answers.accepted, command)
        return say, None if is_direct(queue) else say

    def _refusal(self, command: Command, problem: DarkroomError) -> Said:
        event, sender = self._answers.rejected(command, problem), command.sender
        answerable = sender.reply_to and not why_not(sender.reply_to)
        replied = reply(event, sender) if answerable else None
        if not isinstance(problem, _NOT_ADMITTED):
            return Said(event, replied)
        log.warning(
            "commands.not_admitted",
            user=sender.user,
            command_id=command.envelope.id,
            code=problem.code,
            error=problem.detail,
        )
        return Said(replied=replied)


def _key(envelope: CloudEvent, wanted: RequestMedia) -> str:
    if wanted.idempotency_key:
        return f"command:key:{wanted.idempotency_key}"
    name = f"{envelope.source}:{envelope.id}"
    if len(name) > _LONGEST_NAME:
        name = sha256(name.encode()).hexdigest()
    return f"command:id:{name}"


def _origin(envelope: CloudEvent) -> Origin:
    """As over HTTP a request is a span of its own in the sender's trace."""
    return replace(origin_of(envelope), traceparent=new_traceparent(envelope.traceparent))

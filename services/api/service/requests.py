"""Accepting media requests: every door (HTTP, batch, retry, command) comes through here.

What is accepted is written by group commit: while one batch is in the database the next gathers.
A request is a batch of one. Neighbours: `drafting` makes the job, `backlog` says whether there is
a place for it, `paying` writes what may cost money.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.api.errors import (
    IdempotencyKeyInFlightError,
    QueueFullError,
    QuotaExceededError,
    RateExceededError,
)
from services.api.metrics import ApiMetrics
from services.api.models import EarlierUse, NewRequest, Place, Policy
from services.api.service.allowances import Allowance
from services.api.service.backlog import Backlog, Ticket
from services.api.service.candidates import Answer, Candidate, answers_of, replay
from services.api.service.catalogue import CatalogueEntry, GeneratorCatalogue
from services.api.service.drafting import JobDrafts
from services.api.service.inputs import InputAssets
from services.api.service.patience import Patience
from services.api.service.paying import PaidRequests, may_cost
from services.api.service.rates import RateLimits
from services.api.service.request_rules import check_request
from services.api.service.submission import Accepted, Submission
from services.api.unit_of_work import OpenUnitOfWork
from shared.database.transient import is_transient
from shared.errors import DarkroomError, InvalidInputError, PermanentError, RateLimitedError
from shared.messaging.batcher import Batcher, InterruptedWriteError

PATIENCE = timedelta(seconds=5.5)
"""How long a caller waits for the commit that makes the promise; app.py says how it is chosen."""


class MediaRequestService:
    """Turns submissions into jobs that will come to an end."""

    def __init__(
        self,
        unit_of_work: OpenUnitOfWork,
        catalogue: GeneratorCatalogue,
        drafts: JobDrafts,
        backlog: Backlog,
        metrics: ApiMetrics,
        *,
        paid: PaidRequests,
        rates: RateLimits,
        patience: timedelta = PATIENCE,
    ) -> None:
        self._unit_of_work = unit_of_work
        self._catalogue = catalogue
        self._drafts = drafts
        self._backlog = backlog
        self._metrics = metrics
        self._paid = paid.batcher
        self._rates = rates
        self._inputs = InputAssets(unit_of_work)
        self._patience = Patience(patience)
        self._batcher: Batcher[Candidate, Answer] = Batcher(self._write, limit=1000)
        self._in_flight: set[tuple[str, str]] = set()

    def start(self) -> None:
        """Begin writing."""
        self._batcher.start()
        self._paid.start()

    async def stop(self) -> None:
        """Write what waits, then end."""
        await self._batcher.stop()
        await self._paid.stop()

    async def submit(self, submission: Submission) -> Accepted:
        """Accept one request; it is durable when this returns.

        Raises `UnknownGeneratorError`, `InvalidInputError` (each bad field named, also those that
        name an asset that is not there), `IdempotencyKeyReusedError`, `QueueFullError`,
        `RateExceededError`, `BudgetExhaustedError`, or whatever keeps the database from answering:
        whether the request was accepted is then not known, and the same idempotency key tells.
        """
        entry = await self._catalogue.require(submission.spec.generator)
        check_request(submission.spec, entry.schema)
        if (places := entry.schema.assets) is not None:
            try:
                submission = await self._inputs.attached(submission, places)
            except InvalidInputError as missing:
                return await self._replayed_or(missing, submission)
        allowance = self._rates.find(submission.origin.tenant, Policy.JOBS)
        if allowance is not None:
            return await self._counted(allowance, submission, entry)
        return await self._placed(submission, entry)

    async def _counted(
        self, allowance: Allowance, submission: Submission, entry: CatalogueEntry
    ) -> Accepted:
        """One job more, as far as the tenant's rate allows; given back where none was written."""
        if (refusal := await allowance.take()) is not None:
            return await self._replayed_or(refusal, submission)
        try:
            accepted = await self._placed(submission, entry)
        except (PermanentError, RateLimitedError):
            allowance.give_back()
            raise
        if accepted.replayed:
            allowance.give_back()
        return accepted

    async def _placed(self, submission: Submission, entry: CatalogueEntry) -> Accepted:
        spec = submission.spec
        ticket = self._backlog.take(
            Place(submission.origin.tenant, spec.generator, spec.priority.value)
        )
        if not isinstance(ticket, Ticket):
            return await self._replayed_or(ticket, submission)
        accepted: Accepted | None = None
        try:
            request = self._draft(submission, entry, overflow=ticket.overflow)
            accepted = await self._written(Candidate(request, None))
        finally:
            ticket.settle(accepted=accepted is not None and not accepted.replayed)
        return accepted

    def _draft(
        self, submission: Submission, entry: CatalogueEntry, *, overflow: bool
    ) -> NewRequest:
        request, max_cost = self._drafts.draft(submission), entry.generator.max_cost
        if max_cost is None and not overflow:
            return request
        reserve = None if max_cost is None else may_cost(max_cost, submission.spec.input)
        return replace(request, reserve=reserve, overflow=overflow)

    async def submit_exclusively(self, submission: Submission) -> Accepted:
        """The same; raises `IdempotencyKeyInFlightError` while its key is being accepted here."""
        if submission.key is None:
            return await self.submit(submission)
        key = (submission.origin.tenant, submission.key)
        if key in self._in_flight:
            raise IdempotencyKeyInFlightError
        self._in_flight.add(key)
        try:
            return await self.submit(submission)
        finally:
            self._in_flight.discard(key)

    async def forget_expired_keys(self) -> None:
        """Delete idempotency keys whose time is over."""
        async with self._unit_of_work() as work:
            await work.acceptance.forget_expired()

    async def _replayed_or(self, refusal: DarkroomError, submission: Submission) -> Accepted:
        """What was accepted before is answered again, whatever is now; else the refusal."""
        try:
            if submission.key is None:
                raise refusal
            return await self._written(Candidate(self._drafts.draft(submission), refusal))
        except (QueueFullError, QuotaExceededError):
            self._metrics.refused(submission.spec.generator)
            raise
        except RateExceededError:
            self._rates.refused(Policy.JOBS)
            raise

    async def _written(self, candidate: Candidate) -> Accepted:
        batcher = self._batcher if candidate.request.reserve is None else self._paid
        writing = batcher.offer(candidate)
        self._patience.begin(writing)
        try:
            answer = await writing
        except Exception as error:
            if isinstance(error, DarkroomError) or not is_transient(error):
                raise
            raise InterruptedWriteError from error
        if isinstance(answer, DarkroomError):
            raise answer
        return answer

    async def _write(self, batch: Sequence[Candidate]) -> Sequence[Answer]:
        """One transaction for all; a key that occurs twice is written for the first only."""
        if all(one.refusal is None and one.request.key is None for one in batch):
            return await self._write_plain([one.request for one in batch])
        firsts: dict[object, NewRequest] = {}
        for one in batch:
            if one.refusal is None:
                firsts.setdefault(one.request.key_id or one.request.job.id, one.request)
        written = await self._add(list(firsts.values())) if firsts else set()
        late = {
            one.request.key_id
            for one in batch
            if one.request.key_id and one.request.job.id not in written
        }
        earlier = await self._find_earlier(late) if late else {}
        self._metrics.accepted(one.request.job for one in batch if one.request.job.id in written)
        return [
            Accepted(one.request.job)
            if one.request.job.id in written or one.request.key_id is None
            else replay(one, earlier.get(one.request.key_id))
            for one in batch
        ]

    async def _write_plain(self, requests: Sequence[NewRequest]) -> Sequence[Answer]:
        """Without keys there is nothing to compare: what is written is accepted."""
        await self._add(requests)
        jobs = [request.job for request in requests]
        self._metrics.accepted(jobs)
        return [Accepted(job) for job in jobs]

    async def _add(self, requests: Sequence[NewRequest]) -> set[UUID]:
        async with self._unit_of_work() as work:
            if all(request.answer is None for request in requests):
                work.alone()
            written = await work.acceptance.add(requests)
            await work.outbox.send(answers_of(requests, written))
            return written

    async def _find_earlier(
        self, keys: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], EarlierUse]:
        async with self._unit_of_work() as work:
            work.alone()
            return await work.acceptance.find_earlier(sorted(keys))

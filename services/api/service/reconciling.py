"""Deciding about jobs of which nobody knows whether a provider has taken (and charges for) them.

The decision is recorded and announced; the generator carries it out.
"""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.api.errors import NothingToReconcileError
from services.api.models import Job, Status
from services.api.service.transitions import reconcile
from services.api.service.wishes import reconciled, say
from services.api.unit_of_work import ApiUnitOfWork, OpenUnitOfWork
from shared.clock import Clock
from shared.events import MediaReconciled, Resolution, decode


@dataclass(frozen=True, slots=True)
class Decision:
    """`provider_job_id` belongs to `ATTACH`, `reason` to `FAIL`."""

    resolution: Resolution
    provider_job_id: str | None = None
    reason: str | None = None


class ReconciliationService:
    """Takes what somebody has found out."""

    def __init__(self, unit_of_work: OpenUnitOfWork, clock: Clock) -> None:
        self._unit_of_work = unit_of_work
        self._clock = clock

    async def decide(self, tenant: str, job_id: UUID, decision: Decision) -> Job:
        """The job, on its way again, or about to fail. Deciding the same again changes nothing.

        Raises `MediaRequestNotFoundError`, `MediaDeletedError`, `NothingToReconcileError`.
        """
        async with self._unit_of_work() as work:
            job = (await work.projection.lock([job_id])).get(job_id)
            if job is None or job.tenant != tenant:
                job = await work.jobs.get(tenant, job_id)
            if await _is_decided(work, job, decision):
                return job
            attempt = _attempt_in_doubt(job)
            decided = reconcile(job, decision.resolution, self._clock.now())
            await work.projection.update([decided])
            word = partial(
                reconciled,
                attempt=attempt,
                resolution=decision.resolution,
                provider_job_id=decision.provider_job_id,
                reason=decision.reason,
            )
            await say(work, word, [decided], decided.updated_at)
            return decided


async def _is_decided(work: ApiUnitOfWork, job: Job, decision: Decision) -> bool:
    """Whether just so it has been decided before; then it may be said again."""
    if job.status is Status.NEEDS_RECONCILIATION and not _resolution(job):
        return False
    body = await work.projection.find_logged(job.id, MediaReconciled.type_name)
    said = None if body is None else decode(body.encode()).data
    if not isinstance(said, MediaReconciled):
        return False
    order = decision.provider_job_id in {None, said.provider_job_id}
    return order and said.resolution is decision.resolution


def _attempt_in_doubt(job: Job) -> int:
    """The attempt that somebody has to decide about. Raises `NothingToReconcileError`."""
    if job.status is Status.NEEDS_RECONCILIATION and job.reconciliation and not _resolution(job):
        return int(job.reconciliation["attempt"])
    decided = " and it has been decided already" if _resolution(job) else ""
    raise NothingToReconcileError(
        f"The media request is {job.status.value}{decided}: there is nothing to decide.",
        extra={"job_status": job.status.value},
    )


def _resolution(job: Job) -> str | None:
    return job.reconciliation["resolution"] if job.reconciliation else None

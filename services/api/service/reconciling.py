"""Deciding about jobs of which nobody knows whether a provider has taken (and charges for) them.

The decision is recorded and announced; the generator carries it out.
"""

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from services.api.errors import MediaRequestNotFoundError, NothingToReconcileError
from services.api.models import Job, Status
from services.api.service.transitions import reconcile
from services.api.service.wishes import reconciled, say
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import Clock
from shared.events import Resolution


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

        Raises `MediaRequestNotFoundError`, `NothingToReconcileError`.
        """
        async with self._unit_of_work() as work:
            job = (await work.projection.lock([job_id])).get(job_id)
            if job is None or job.tenant != tenant:
                raise MediaRequestNotFoundError(f"There is no media request {job_id}.")
            if not _is_open(job, decision):
                return job
            now = self._clock.now()
            decided = reconcile(job, decision.resolution, decision.provider_job_id, now)
            await work.projection.update([decided])
            word = partial(
                reconciled,
                resolution=decision.resolution,
                provider_job_id=decision.provider_job_id,
                reason=decision.reason,
            )
            await say(work, word, [decided], decided.updated_at)
            return decided


def _is_open(job: Job, decision: Decision) -> bool:
    """Whether it is still to be decided; False: just so it has been decided before."""
    known = job.reconciliation or {}
    before = known.get("resolution")
    if job.status is Status.NEEDS_RECONCILIATION and before is None:
        return True
    same_order = decision.provider_job_id in {None, known.get("provider_job_id")}
    if before == decision.resolution.value and same_order and not job.status.final:
        return False
    already = f"; it was decided to {before}" if before else ""
    raise NothingToReconcileError(
        f"The media request is {job.status.value}: there is nothing to decide{already}.",
        extra={"job_status": job.status.value},
    )

"""How far running jobs are, as last heard on `media.live`: may be lost, is never stored."""

from collections import OrderedDict
from collections.abc import Iterable
from uuid import UUID

from services.api.models import Ended, Job
from shared.events import MediaProgressed

MOST_JOBS = 10_000


class LiveProgress:
    """The last progress of each job, for the jobs last heard of."""

    def __init__(self, most: int = MOST_JOBS) -> None:
        self._most = most
        self._last: OrderedDict[UUID, MediaProgressed] = OrderedDict()

    def note(self, progress: MediaProgressed) -> None:
        """Keep it, unless it speaks of an earlier attempt than what is known."""
        known = self._last.get(progress.job_id)
        if known is not None and known.attempt > progress.attempt:
            return
        self._last[progress.job_id] = progress
        self._last.move_to_end(progress.job_id)
        while len(self._last) > self._most:
            self._last.popitem(last=False)

    def find(self, job_id: UUID) -> MediaProgressed | None:
        """The last that was heard of the job."""
        return self._last.get(job_id)

    def forget(self, jobs: Iterable[Job | Ended]) -> None:
        """Those of them that have come to their end make no progress any more."""
        for job in jobs:
            if job.status.final:
                self._last.pop(job.id, None)

"""Looking at jobs over HTTP until they are as they should be, and at what is told of them."""

from collections.abc import Sequence
from typing import Any

import httpx

from services.api.models.event_log import LogEntry, LogPosition
from services.api.repository.event_log import EventLogRepository
from shared.testing import eventually


async def status_is(client: httpx.AsyncClient, job_id: Any, status: str) -> dict[str, Any]:
    """The job, once it has this status."""

    async def check() -> dict[str, Any]:
        job: dict[str, Any] = (await client.get(f"/v1/media/{job_id}")).json()
        assert job["status"] == status, job
        return job

    return await eventually(check)


async def told_of(
    log: EventLogRepository, behind: LogPosition, tenant: str = "default"
) -> Sequence[LogEntry]:
    """What a listener of the tenant reads there."""
    return await log.list_entries((await log.find_window(behind, tenant)).seqs)

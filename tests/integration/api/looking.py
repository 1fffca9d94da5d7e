"""Looking at jobs over HTTP until they are as they should be."""

from typing import Any

import httpx

from shared.testing import eventually


async def status_is(client: httpx.AsyncClient, job_id: Any, status: str) -> dict[str, Any]:
    """The job, once it has this status."""

    async def check() -> dict[str, Any]:
        job: dict[str, Any] = (await client.get(f"/v1/media/{job_id}")).json()
        assert job["status"] == status, job
        return job

    return await eventually(check)

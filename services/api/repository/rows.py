"""Between rows and jobs."""

from collections.abc import Mapping
from typing import Any

from services.api.models import Job, Status

JOB_COLUMNS = (
    "id, tenant, generator, lane, status, version, input, metadata, webhook, correlation_id, "
    "created_at, updated_at, started_at, finished_at, attempts, assets, failure, max_attempts, "
    "attempt_timeout_seconds, total_timeout_seconds, deadline_at, finish_by, expires_in, "
    "retried_from, reconciliation"
)


def job_from(row: Mapping[str, Any]) -> Job:
    """The job that a row of `JOB_COLUMNS` holds."""
    return Job(
        id=row["id"],
        tenant=row["tenant"],
        generator=row["generator"],
        lane=row["lane"],
        status=Status(row["status"]),
        version=row["version"],
        input=row["input"],
        metadata=row["metadata"],
        webhook=row["webhook"],
        correlation_id=row["correlation_id"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        attempts=tuple(row["attempts"]),
        assets=tuple(row["assets"]),
        failure=row["failure"],
        max_attempts=row["max_attempts"],
        attempt_timeout_seconds=row["attempt_timeout_seconds"],
        total_timeout_seconds=row["total_timeout_seconds"],
        deadline_at=row["deadline_at"],
        finish_by=row["finish_by"],
        expires_in=row["expires_in"],
        retried_from=row["retried_from"],
        reconciliation=row["reconciliation"],
    )

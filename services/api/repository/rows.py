"""Between rows and jobs. The engine decodes jsonb; as a parameter it is text that is cast."""

import re

import orjson
from sqlalchemy import RowMapping

from services.api.models import Job, Status

_ESCAPES = re.compile(r"\\\\|\\u0000")

JOB_COLUMNS = (
    "id, tenant, generator, lane, status, version, input, metadata, webhook, correlation_id, "
    "created_at, updated_at, started_at, finished_at, attempts, assets, failure, max_attempts, "
    "deadline_at, expires_in, retried_from"
)


def job_from(row: RowMapping) -> Job:
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
        deadline_at=row["deadline_at"],
        expires_in=row["expires_in"],
        retried_from=row["retried_from"],
    )


def to_json(value: object) -> str:
    """JSON as a parameter; the statement casts it to jsonb, which cannot hold U+0000."""
    return without_nul(orjson.dumps(value).decode())


def without_nul(json: str) -> str:
    """The JSON text with U+FFFD for every U+0000."""
    if "\\u0000" not in json:
        return json
    return _ESCAPES.sub(lambda found: found[0] if found[0] == r"\\" else r"\ufffd", json)


def to_json_or_null(value: object | None) -> str | None:
    """The same for what may be absent: SQL's NULL, not JSON's."""
    return None if value is None else to_json(value)

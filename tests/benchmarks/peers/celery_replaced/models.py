"""The row of a job."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel


class JobStatus(StrEnum):
    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    FAILED = "failed"


def now() -> datetime:
    return datetime.now(UTC)


class PeerTable(SQLModel, registry=registry()):
    """Tables of this peer only."""


class Job(PeerTable, table=True):
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    generator: str
    input: dict[str, Any] = Field(sa_column=Column(JSONB, nullable=False))
    priority: str
    status: str = JobStatus.PENDING
    result: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB))
    error: str | None = None
    created_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    updated_at: datetime = Field(default_factory=now, sa_type=DateTime(timezone=True))
    finished_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))

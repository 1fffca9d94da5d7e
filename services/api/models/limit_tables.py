"""The tables of limits, beside those in `tables`."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field

from services.api.models.tables import ApiTable


class TenantLimitRow(ApiTable, table=True):
    """What holds for one tenant in place of the settings."""

    __tablename__ = "tenant_limit"

    tenant: str = Field(primary_key=True)
    limits: dict[str, Any] = Field(sa_type=JSONB)


class RateUseRow(ApiTable, table=True):
    """How much of a tenant's rate was in use `at` that moment.

    Unlogged: a crash of Postgres gives every tenant its whole quota back, and no portion that a
    process takes waits for the disk.
    """

    __tablename__ = "rate_use"
    __table_args__ = {"prefixes": ["UNLOGGED"]}  # noqa: RUF012

    tenant: str = Field(primary_key=True)
    policy: str = Field(primary_key=True)
    used: float
    at: datetime = Field(sa_type=DateTime(timezone=True))

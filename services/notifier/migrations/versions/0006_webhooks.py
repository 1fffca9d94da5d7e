"""Webhooks: who wants to hear, what is due to whom, and what became of each call."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_STATUS = "status IN ('pending', 'delivered', 'failed', 'skipped')"
_PENDING = sa.text("status = 'pending'")


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _secrets() -> list["sa.Column[object]"]:
    return [
        sa.Column("secret", sa.String, nullable=False),
        sa.Column("previous_secret", sa.String),
        _moment("previous_until", nullable=True),
    ]


def upgrade() -> None:
    _create_endpoints()
    _create_deliveries()
    _create_attempts()


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoint",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("description", sa.String, nullable=False),
        sa.Column("event_types", sa.ARRAY(sa.String), nullable=False),
        sa.Column("generators", sa.ARRAY(sa.String), nullable=False),
        sa.Column("ordered", sa.Boolean, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("disabled_reason", sa.String),
        _moment("failing_since", nullable=True),
        _moment("created_at"),
        *_secrets(),
    )
    op.create_index("webhook_endpoint_tenant", "webhook_endpoint", ["tenant", "id"])
    op.create_table("webhook_secret", sa.Column("tenant", sa.String, primary_key=True), *_secrets())
    op.create_table(
        "webhook_lane",
        sa.Column("lane", sa.Uuid, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        _moment("held_until", nullable=True),
    )


def _create_deliveries() -> None:
    none = sa.text("0")
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("lane", sa.Uuid, nullable=False),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("endpoint_id", sa.Uuid),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("event_id", sa.String, nullable=False),
        sa.Column("event_type", sa.String, nullable=False),
        sa.Column("job_id", sa.Uuid, nullable=False),
        sa.Column("generator", sa.String, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        _moment("due_at"),
        sa.Column("lease", sa.Uuid),
        sa.Column("tries", sa.Integer, nullable=False, server_default=none),
        sa.Column("attempts", sa.Integer, nullable=False, server_default=none),
        sa.Column("last_status", sa.Integer),
        sa.Column("last_error", sa.String),
        _moment("created_at"),
        _moment("finished_at", nullable=True),
        sa.CheckConstraint(_STATUS, name="webhook_delivery_status"),
    )
    table = "webhook_delivery"
    op.create_index("webhook_delivery_due", table, ["lane", "due_at"], postgresql_where=_PENDING)
    op.create_index("webhook_delivery_head", table, ["lane", "id"], postgresql_where=_PENDING)
    op.create_index("webhook_delivery_tenant", table, ["tenant", "id"])
    op.create_index("webhook_delivery_job", table, ["job_id"])
    op.create_index(
        "webhook_delivery_ended",
        table,
        ["finished_at"],
        postgresql_where=sa.text("status <> 'pending'"),
    )


def _create_attempts() -> None:
    op.create_table(
        "webhook_attempt",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column(
            "delivery_id",
            sa.Uuid,
            sa.ForeignKey("webhook_delivery.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("number", sa.Integer, nullable=False),
        _moment("started_at"),
        sa.Column("duration_ms", sa.Integer, nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("error_code", sa.String),
        sa.Column("error", sa.String),
        sa.Column("answer", sa.Text, nullable=False),
    )

"""The outbox table, as every service's first migration makes it."""

import sqlalchemy as sa
from alembic import op


def create_outbox_table() -> None:
    """Make `outbox` and the one index that the relay reads by."""
    now = sa.text("now()")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("exchange", sa.String, nullable=False),
        sa.Column("routing_key", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("correlation_id", sa.String),
        sa.Column("mandatory", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.String),
    )

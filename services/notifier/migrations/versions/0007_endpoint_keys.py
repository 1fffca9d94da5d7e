"""Endpoints remember the idempotency key that they were made with, and for what."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

TABLE = "webhook_endpoint"


def upgrade() -> None:
    op.add_column(TABLE, sa.Column("idempotency_key", sa.String))
    op.add_column(TABLE, sa.Column("fingerprint", sa.String))
    op.create_index(
        "webhook_endpoint_key",
        TABLE,
        ["tenant", "idempotency_key"],
        unique=True,
        postgresql_where=sa.text("idempotency_key IS NOT NULL"),
    )

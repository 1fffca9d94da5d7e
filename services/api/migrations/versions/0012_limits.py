"""Limits of tenants, and how much of their rates is in use; what a tenant has uploaded, summed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "tenant_limit",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("limits", JSONB, nullable=False),
    )
    op.create_table(
        "rate_use",
        sa.Column("tenant", sa.String, primary_key=True),
        sa.Column("policy", sa.String, primary_key=True),
        sa.Column("used", sa.Float, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        prefixes=["UNLOGGED"],
    )
    op.execute("ALTER TABLE rate_use SET (fillfactor = 50)")
    op.create_index("upload_use", "upload", ["tenant"], postgresql_include=["size"])

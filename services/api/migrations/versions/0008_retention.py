"""Deleted jobs leave tombstones; jobs that say how long they are kept are found when it is over."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Uuid, primary_key=True),
        *(sa.Column(name, sa.String, nullable=False) for name in ("tenant", "generator", "status")),
        _moment("created_at"),
        _moment("finished_at", nullable=True),
        _moment("deleted_at"),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("correlation_id", sa.String, nullable=False),
    )
    op.create_index("tombstone_by_tenant", "tombstone", ["tenant", sa.text("id DESC")])
    op.create_index("tombstone_age", "tombstone", ["deleted_at"])
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("owner", sa.Uuid, nullable=False),
        _moment("begun_at"),
    )
    op.create_index(
        "job_expiry",
        "job",
        [sa.text("((finished_at AT TIME ZONE 'UTC') + expires_in * interval '1 second')")],
        postgresql_where=sa.text("expires_in IS NOT NULL AND finished_at IS NOT NULL"),
    )

"""What waits is counted by tenant, in the order of one index; and it is known what overflows."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column(
        "job", sa.Column("overflow", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )
    op.drop_index("job_queued", "job")
    op.create_index(
        "job_queued",
        "job",
        ["generator", "lane", "tenant", "id"],
        postgresql_include=["overflow"],
        postgresql_where=sa.text("status = 'queued'"),
    )

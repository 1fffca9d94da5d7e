"""Which of its two queues a job was taken out of: each has a window of its own."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column(
        "job", sa.Column("overflow", sa.Boolean, nullable=False, server_default=sa.text("false"))
    )

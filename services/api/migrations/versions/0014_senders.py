"""Dead letters keep who sent them, and where an answer is waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    for name in ("reply_to", "sender"):
        op.add_column(
            "dead_letter",
            sa.Column(name, sa.String, nullable=False, server_default=sa.text("''")),
        )

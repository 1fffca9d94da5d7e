"""Verdicts keep their events as they were said: nobody searches them, few are ever read again."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.execute("ALTER TABLE verdict ALTER COLUMN body TYPE text")

"""What to show of a picture before it is there: its ThumbHash, beside its width and height."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("asset", sa.Column("placeholder", sa.String))

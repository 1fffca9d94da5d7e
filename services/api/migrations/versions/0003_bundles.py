"""The outbox keeps what one unit of work says in one row."""

from shared.messaging.outbox_migration import bundle_outbox

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    bundle_outbox()

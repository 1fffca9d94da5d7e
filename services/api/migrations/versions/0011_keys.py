"""Keys of the api, of whose secrets only hashes are kept; tombstones say by whom."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("tenant", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("scopes", sa.ARRAY(sa.String), nullable=False),
        sa.Column("hash", sa.LargeBinary),
        sa.Column("broker_user", sa.String),
        _moment("created_at", nullable=False),
        _moment("expires_at"),
        _moment("last_used_at"),
        _moment("revoked_at"),
    )
    op.create_index("api_key_by_tenant", "api_key", ["tenant", sa.text("id DESC")])
    op.create_index(
        "api_key_broker_user",
        "api_key",
        ["broker_user"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL AND broker_user IS NOT NULL"),
    )
    op.add_column("tombstone", sa.Column("deleted_by", sa.String))

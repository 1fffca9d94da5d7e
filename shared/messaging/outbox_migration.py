"""The outbox, as every service's migrations make it."""

import sqlalchemy as sa
from alembic import op

_COLUMNS = (
    ("message_ids", sa.String),
    ("exchanges", sa.String),
    ("routing_keys", sa.String),
    ("types", sa.String),
    ("correlation_ids", sa.String),
    ("mandatory", sa.Boolean),
    ("bodies", sa.LargeBinary),
)
# A message to each row, as it was before bundles: they are published like any other.
_TAKE_OVER = """
INSERT INTO outbox_bundle (id, created_at, available_at, failures, last_error, message_ids,
  exchanges, routing_keys, types, correlation_ids, mandatory, bodies)
SELECT gen_random_uuid(), created_at, available_at, failures, last_error, ARRAY[message_id],
  ARRAY[exchange], ARRAY[routing_key], ARRAY[type], ARRAY[correlation_id], ARRAY[mandatory],
  ARRAY[body]
FROM outbox
"""
_VIEW = """
CREATE VIEW outbox AS
SELECT b.id, m.place, m.message_id, m.exchange, m.routing_key, m.type, m.correlation_id,
  m.mandatory, m.body, b.created_at, b.available_at, b.failures, b.last_error
FROM outbox_bundle AS b, unnest(b.message_ids, b.exchanges, b.routing_keys, b.types,
  b.correlation_ids, b.mandatory, b.bodies) WITH ORDINALITY
  AS m(message_id, exchange, routing_key, type, correlation_id, mandatory, body, place)
"""


def create_outbox_table() -> None:
    """Make `outbox` and the one index that the relay reads by."""
    now = sa.text("now()")
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("message_id", sa.String, nullable=False),
        sa.Column("exchange", sa.String, nullable=False),
        sa.Column("routing_key", sa.String, nullable=False),
        sa.Column("type", sa.String, nullable=False),
        sa.Column("correlation_id", sa.String),
        sa.Column("mandatory", sa.Boolean, nullable=False, server_default=sa.text("true")),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.String),
    )


def bundle_outbox() -> None:
    """A row for all that a unit of work says, instead of one for each message.

    Bodies are small JSON in large numbers: they are not worth compressing for the milliseconds
    that they stay.
    """
    now = sa.text("now()")
    op.create_table(
        "outbox_bundle",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False, server_default=now),
        *(sa.Column(name, sa.ARRAY(kind), nullable=False) for name, kind in _COLUMNS),
        sa.Column("failures", sa.Integer, nullable=False, server_default=sa.text("0")),
        sa.Column("last_error", sa.String),
    )
    for name, _ in _COLUMNS:
        op.execute(f"ALTER TABLE outbox_bundle ALTER COLUMN {name} SET STORAGE EXTERNAL")
    op.execute(
        "ALTER TABLE outbox_bundle SET (autovacuum_vacuum_scale_factor = 0.0, "
        "autovacuum_vacuum_threshold = 5000)"
    )
    op.execute(_TAKE_OVER)
    op.drop_table("outbox")
    op.execute(_VIEW)

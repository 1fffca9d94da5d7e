"""What a peer's processes are told by the suite, in their environment.

Celery, Dramatiq and Taskiq import a broker that is there as soon as its module is, so their
settings are read at import, as in their own examples.
"""

import os

AMQP_URL = "PEER_AMQP_URL"
DATABASE_URL = "PEER_DATABASE_URL"


def amqp_url() -> str:
    """The broker, with a vhost of its own."""
    return os.environ[AMQP_URL]


def database_url(driver: str | None = None) -> str:
    """`postgresql://…`, or `postgresql+driver://…` for SQLAlchemy."""
    url = os.environ[DATABASE_URL]
    return url.replace("postgresql://", f"postgresql+{driver}://", 1) if driver else url

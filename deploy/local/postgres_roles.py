"""One database and one role for each service, as SQL for psql that may run any number of times.

A role owns its database and may not even connect to another one. Used for the embedded Postgres
(``postgres``) and for the one in a container (``containers``).
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

DRIVER = "postgresql+asyncpg"

SERVICE_DATABASES = {
    "api": "darkroom_api",
    "generator": "darkroom_generator",
    "notifier": "darkroom_notifier",
}


def databases_sql(passwords: Mapping[str, str]) -> str:
    """A psql script that makes the database and the role of each name, with that password."""
    closed = "REVOKE CONNECT ON DATABASE postgres FROM PUBLIC;\n"
    return closed + "".join(_database_sql(name, password) for name, password in passwords.items())


def socket_url(name: str, password: str, folder: Path) -> str:
    """The database of that role, behind the socket in ``folder``."""
    return f"{DRIVER}://{name}:{password}@/{name}?host={quote(str(folder))}"


def tcp_url(name: str, password: str, port: int) -> str:
    """The database of that role, behind a port of this machine."""
    return f"{DRIVER}://{name}:{password}@127.0.0.1:{port}/{name}"


def _database_sql(name: str, password: str) -> str:
    if not name.isidentifier() or not password.isalnum():
        raise ValueError(f"not a name for a database: {name!r}")
    return f"""
SELECT 'CREATE ROLE "{name}" LOGIN'
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') \\gexec
ALTER ROLE "{name}" PASSWORD '{password}';
SELECT 'CREATE DATABASE "{name}" OWNER "{name}"'
 WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = '{name}') \\gexec
REVOKE ALL ON DATABASE "{name}" FROM PUBLIC;
"""

"""An embedded Postgres: a server of its own in one folder, reachable by a socket in that folder
only.

Neighbours: ``postgres_program`` (the programs, and as which user they run), ``postgres_roles`` (a
database a service), ``supervisor``, which restarts the server from ``spec`` when it dies. Usable
alone, as in tests::

    postgres = EmbeddedPostgres(folder)
    postgres.start()
    url = postgres.create_database("darkroom_api")
    postgres.stop()

The server is started *in* its data folder and told to use ``/proc/self/cwd``, and the socket is at
a path relative to it: so the folders above need not be open to the system user that Postgres runs
as when we are root, and may be deeper than the hundred characters a socket's address can have. Only
clients need a short address then: a symbolic link.
"""

import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from deploy.local.component import Launch
from deploy.local.errors import LocalStackError, tail
from deploy.local.postgres_program import PostgresPrograms
from deploy.local.postgres_roles import DRIVER, databases_sql, socket_url
from deploy.local.process import ProcessSpec, kill, spawn, stop, wait_started
from deploy.local.secrets import SecretFile
from deploy.local.short_path import forget_short_path, short_path

_DATA = "/proc/self/cwd"
_ADMIN = "postgres"
_START_LIMIT = timedelta(seconds=60)

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "2GB",
    "idle_in_transaction_session_timeout": "60s",
    "autovacuum_naptime": "15s",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1s",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}
_HBA = f"local all {_ADMIN} peer map=darkroom\nlocal all all scram-sha-256\n"


class EmbeddedPostgres:
    """A server with its data in ``folder``; start it from a thread that lives as long as it."""

    origin = "embedded"

    def __init__(self, folder: Path, log: Path | None = None) -> None:
        self.folder = folder.absolute()
        self._data = self.folder / "data"
        self._log = log or self.folder / "postgres.log"
        self._secrets = SecretFile(self.folder / "secrets.json")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def admin_url(self) -> str:
        """For the superuser: whoever started the server, without a password, over the socket."""
        return f"{DRIVER}://{_ADMIN}@/{_ADMIN}?host={quote(str(self.socket_folder))}"

    @property
    def socket_folder(self) -> Path:
        return short_path(self._data, room=len("/.s.PGSQL.5432"))

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and wait until it answers."""
        self.prepare()
        self._process = spawn(self.spec())
        self.wait_ready()

    def stop(self) -> None:
        """End all sessions, write everything down, exit; fast, and without losing anything."""
        if self._process:
            stop(self._process, self.spec())
            self._process = None
        self.cleanup()

    def kill(self) -> None:
        """As a crash would: the next start recovers from the write-ahead log."""
        if self._process:
            kill(self._process)
            self._process = None

    def launch(self, launch: Launch) -> None:
        """Hand the server over to be started and watched by somebody else."""
        self.prepare()
        launch(self.spec())

    def server_pid(self, process: int) -> int | None:
        return process

    def cleanup(self) -> None:
        forget_short_path(self._data)

    def prepare(self) -> None:
        """Create the data folder when this is the first start."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self._data / "PG_VERSION").exists():
            self._initialise()
        (self._data / "pg_hba.conf").write_text(_HBA)
        whoever_starts_it = pwd.getpwuid(os.geteuid()).pw_name
        (self._data / "pg_ident.conf").write_text(f"darkroom {whoever_starts_it} {_ADMIN}\n")

    def spec(self) -> ProcessSpec:
        programs = PostgresPrograms.find()
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        return ProcessSpec(
            name="postgres",
            command=[programs.path("postgres"), "-D", _DATA, *settings],
            log=self._log,
            environment=_environment(),
            folder=self._data,
            user=programs.user,
            stop_signal=signal.SIGINT,
            death_signal=signal.SIGINT,
        )

    def wait_ready(self) -> None:
        """Until it takes connections; raises with the end of its log when it does not."""
        wait_started("Postgres", self.is_ready, self._process, self._log, _START_LIMIT)

    def is_ready(self) -> bool:
        command = [PostgresPrograms.find().path("pg_isready"), "-q", "-h", str(self.socket_folder)]
        return subprocess.run(command, env=_environment(), check=False).returncode == 0

    def create_database(self, name: str) -> str:
        """A database and the role that owns it, made if missing; the URL for that role."""
        return self.create_databases([name])[name]

    def create_databases(self, names: Sequence[str]) -> dict[str, str]:
        """URLs by name; roles are named like their databases and reach no other one."""
        passwords = {name: self._secrets.get(name) for name in names}
        self._psql(databases_sql(passwords))
        folder = self.socket_folder
        return {name: socket_url(name, password, folder) for name, password in passwords.items()}

    def _psql(self, script: str) -> None:
        command = [PostgresPrograms.find().path("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1"]
        command += ["-h", str(self.socket_folder), "-U", _ADMIN, "-d", _ADMIN]
        done = subprocess.run(
            command, input=script, text=True, env=_environment(), capture_output=True, check=False
        )
        if done.returncode != 0:
            raise LocalStackError(f"Postgres refused to make the databases: {done.stderr.strip()}")

    def _initialise(self) -> None:
        """Fill a folder beside the data folder and rename it: half a one is never started."""
        programs = PostgresPrograms.find()
        making = self.folder / f"data.{os.getpid()}"
        making.mkdir(mode=0o700)
        programs.give(making)
        command = [
            programs.path("initdb"),
            "-D",
            _DATA,
            "-U",
            _ADMIN,
            "--auth=peer",
            "--encoding=UTF8",
        ]
        command += [
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
        ]
        spec = ProcessSpec("initdb", command, self._log, _environment(), making, programs.user)
        if spawn(spec).wait() != 0:
            raise LocalStackError(f"Postgres' data folder could not be made:\n{tail(self._log)}")
        os.sync()
        making.rename(self._data)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}

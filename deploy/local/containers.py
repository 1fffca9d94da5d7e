"""Postgres and RabbitMQ from their images, where a Docker engine answers.

A container is run as a child process, a few lines of shell around `docker start --attach`: it ends
with us, even after a `kill -9`, and is watched and restarted like any other process. What it keeps
is in named volumes that survive it. Neighbours: ``docker`` (the commands), ``postgres_roles``,
``deploy.rabbitmq``.
"""

import hashlib
import os
import signal
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from deploy.local.amqp_handshake import answers
from deploy.local.component import Launch
from deploy.local.docker import (
    container_pid,
    create_volume,
    docker,
    remove_abandoned_volumes,
    remove_container,
    remove_volume,
)
from deploy.local.errors import LocalStackError
from deploy.local.management import import_definitions
from deploy.local.ports import PortReservations
from deploy.local.postgres_roles import databases_sql, tcp_url
from deploy.local.process import ProcessSpec
from deploy.local.rabbitmq import ADMINISTRATOR, rabbitmq_users
from deploy.local.secrets import SecretFile

POSTGRES_IMAGE = "postgres:17"
RABBITMQ_IMAGE = "rabbitmq:4-management"
_RUN = """
docker start --attach "$1" & attached=$!
trap 'docker stop --time 10 "$1" >/dev/null' TERM
wait $attached
wait $attached
"""
_POSTGRES_SETTINGS = {"max_connections": "200", "idle_in_transaction_session_timeout": "60s"}


def container_name(home: Path, kind: str) -> str:
    """The name of a stack's container and of its volume; two stacks never share one."""
    return f"darkroom-{hashlib.sha256(os.fsencode(home)).hexdigest()[:8]}-{kind}"


class _Container:
    """One container of a stack: how to make it anew, run it, and clear it away."""

    origin = "container"

    def __init__(self, kind: str, home: Path, log: Path, stop_signal: signal.Signals) -> None:
        self.name = container_name(home, kind)
        self.secrets = SecretFile(home / f"{kind}-secrets.json")
        if not self.secrets.exists():  # a stack that is gone, with its passwords
            remove_container(self.name)
            remove_volume(self.name)
        self.reservations = PortReservations()
        self._home = home
        self._kind = kind
        self._log = log
        self._stop_signal = stop_signal

    def create(
        self,
        image: str,
        command: Sequence[str] = (),
        *,
        ports: Mapping[int, int],
        volume: str,
        environment: Mapping[str, str],
    ) -> None:
        remove_container(self.name)
        remove_abandoned_volumes()
        create_volume(self.name, self._home)
        options = ["--name", self.name, "--hostname", self._kind, "--shm-size", "256m"]
        options += ["--stop-signal", self._stop_signal.name]
        options += ["--volume", f"{self.name}:{volume}"]
        for inside, outside in ports.items():
            options += ["--publish", f"127.0.0.1:{outside}:{inside}"]
        for variable, value in environment.items():
            options += ["--env", f"{variable}={value}"]
        docker("create", *options, image, *command)

    def spec(self) -> ProcessSpec:
        return ProcessSpec(
            name=self._kind,
            command=["sh", "-c", _RUN, "run-container", self.name],
            log=self._log,
            death_signal=signal.SIGTERM,
            grace=timedelta(seconds=30),
        )

    def server_pid(self, process: int) -> int | None:  # noqa: ARG002
        return container_pid(self.name)

    def cleanup(self) -> None:
        remove_container(self.name)
        self.reservations.release()


class ContainerPostgres(_Container):
    """One Postgres for all three databases."""

    def __init__(self, home: Path, log: Path, port: int = 5440) -> None:
        super().__init__("postgres", home, log, signal.SIGINT)
        self._port = self.reservations.take(port)

    def launch(self, launch: Launch) -> None:
        settings = [f"--{name}={value}" for name, value in _POSTGRES_SETTINGS.items()]
        self.create(
            POSTGRES_IMAGE,
            ["postgres", *settings],
            ports={5432: self._port},
            volume="/var/lib/postgresql/data",
            environment={"POSTGRES_PASSWORD": self.secrets.get("postgres")},
        )
        launch(self.spec())

    def is_ready(self) -> bool:
        # By TCP, as clients come: while the image makes its data folder, it answers on a socket.
        return self._succeeds("pg_isready", "-q", "-h", "127.0.0.1", "-U", "postgres")

    def create_databases(self, names: Sequence[str]) -> dict[str, str]:
        passwords = {name: self.secrets.get(name) for name in names}
        psql = ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-U", "postgres"]
        docker("exec", "--interactive", self.name, *psql, stdin=databases_sql(passwords))
        return {name: tcp_url(name, passwords[name], self._port) for name in names}

    def _succeeds(self, *command: str) -> bool:
        try:
            docker("exec", self.name, *command)
        except LocalStackError:
            return False
        return True


class ContainerRabbitMQ(_Container):
    """One broker with the management plugin; told about users and topology over its HTTP API."""

    def __init__(self, home: Path, log: Path, port: int = 5680) -> None:
        super().__init__("rabbitmq", home, log, signal.SIGTERM)
        self._amqp = self.reservations.take(port)
        self._management = self.reservations.take(port + 10_000)

    def launch(self, launch: Launch) -> None:
        self.create(
            RABBITMQ_IMAGE,
            ports={5672: self._amqp, 15672: self._management},
            volume="/var/lib/rabbitmq",
            environment={
                "RABBITMQ_DEFAULT_USER": ADMINISTRATOR,
                "RABBITMQ_DEFAULT_PASS": self.secrets.get(ADMINISTRATOR),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-rabbit heartbeat 10",
            },
        )
        launch(self.spec())

    def is_ready(self) -> bool:
        return answers(self.url_for(ADMINISTRATOR))

    def configure(self) -> None:
        import_definitions(self.management_url_for(ADMINISTRATOR), rabbitmq_users(self.secrets))

    def url_for(self, user: str) -> str:
        return f"amqp://{user}:{self.secrets.get(user)}@127.0.0.1:{self._amqp}/"

    def management_url_for(self, user: str) -> str:
        return f"http://{user}:{self.secrets.get(user)}@127.0.0.1:{self._management}"

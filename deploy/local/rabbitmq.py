"""A private RabbitMQ node: own folder, ports, users, cookie and epmd, from the system's package.

Neighbours: ``rabbitmq_program`` (where the package is), ``epmd``, ``deploy.rabbitmq.definitions``
(what it loads at boot), ``amqp_handshake`` (when it is ready), ``supervisor``, which restarts it
from ``spec`` when it dies. Usable alone, as in tests::

    rabbitmq = RabbitMQNode(folder)
    rabbitmq.start()
    connect(rabbitmq.amqp_url)
    rabbitmq.stop()

The script that starts the server becomes the Erlang machine (`RABBITMQ_ALLOW_INPUT`) instead of
waiting beside it: so the process we hold is the broker itself, and ends when we do.
"""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from deploy.local.amqp_handshake import answers
from deploy.local.component import Launch
from deploy.local.epmd import Epmd
from deploy.local.management import import_definitions
from deploy.local.ports import PortReservations
from deploy.local.process import ProcessSpec, kill, spawn, stop, wait_started
from deploy.local.rabbitmq_config import configuration
from deploy.local.rabbitmq_program import get_server
from deploy.local.secrets import SecretFile
from deploy.local.settings import SERVICES
from deploy.rabbitmq.definitions import User, definitions, service_user

ADMINISTRATOR = "darkroom"
_START_LIMIT = timedelta(seconds=120)
_ERLANG = "-noinput -kernel inet_dist_use_interface {127,0,0,1}"


@dataclass(frozen=True)
class RabbitMQPorts:
    """Where one node listens, all on the loopback interface."""

    amqp: int
    management: int
    prometheus: int
    distribution: int
    epmd: int

    @classmethod
    def reserve(cls, reservations: PortReservations, amqp: int = 5680) -> "RabbitMQPorts":
        """The ports of RabbitMQ as people know them, moved away from the system's own."""
        preferred = (amqp, amqp + 10_000, amqp + 10_020, amqp + 20_000, 4380)
        return cls(*(reservations.take(port) for port in preferred))


class RabbitMQNode:
    """One broker with its data in ``folder``; start it from a thread that lives as long as it.

    For a cluster on one machine: give each node a ``name``, and all the same ``epmd``, ``secrets``
    and ``peers`` (the node names of all). Start one, then the others, which join it; ``configure``
    it when all are there: a queue has its replicas on the nodes that run when it is declared.
    """

    origin = "embedded"

    def __init__(
        self,
        folder: Path,
        ports: RabbitMQPorts | None = None,
        name: str = "darkroom",
        *,
        log: Path | None = None,
        epmd: Epmd | None = None,
        secrets: SecretFile | None = None,
        peers: Sequence[str] = (),
        reservations: PortReservations | None = None,
    ) -> None:
        self.folder = folder.absolute()
        self.node_name = f"{name}@localhost"
        self._reservations = reservations or PortReservations()
        self.ports = ports or RabbitMQPorts.reserve(self._reservations)
        self.log = log or self.folder / "rabbitmq.log"
        self.epmd = epmd or Epmd(self.ports.epmd, self.log)
        self._owns_epmd = epmd is None
        self._secrets = secrets or SecretFile(self.folder / "secrets.json")
        self._peers = peers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def amqp_url(self) -> str:
        """For a user that may do everything."""
        return self.url_for(ADMINISTRATOR)

    @property
    def management_url(self) -> str:
        """Management UI and HTTP API, with the administrator's name and password in it."""
        return self.management_url_for(ADMINISTRATOR)

    def url_for(self, user: str) -> str:
        """The broker as seen by that user: ``darkroom`` or the name of a service."""
        return f"amqp://{user}:{self._secrets.get(user)}@127.0.0.1:{self.ports.amqp}/"

    def management_url_for(self, user: str) -> str:
        return f"http://{user}:{self._secrets.get(user)}@127.0.0.1:{self.ports.management}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start and wait until it takes logins."""
        self.prepare()
        if self._owns_epmd:
            self.epmd.start()
        self._process = spawn(self.spec())
        self.wait_ready()

    def stop(self) -> None:
        if self._process:
            stop(self._process, self.spec())
            self._process = None
        if self._owns_epmd:
            self.epmd.stop()
        self._reservations.release()

    def kill(self) -> None:
        """As a crash would; epmd stays, and ``start`` brings the node back on the same ports."""
        if self._process:
            kill(self._process)
            self._process = None
        if self._owns_epmd:
            self.epmd.stop()

    def launch(self, launch: Launch) -> None:
        """Hand the node and its epmd over to be started and watched by somebody else."""
        self.prepare()
        launch(self.epmd.spec())
        self.epmd.wait_ready()
        launch(self.spec())

    def server_pid(self, process: int) -> int | None:
        return process

    def configure(self) -> None:
        """The queues of a cluster; a single node has them from its boot on."""
        if self._peers:
            import_definitions(self.management_url, rabbitmq_users(self._secrets))

    def cleanup(self) -> None:
        self._reservations.release()

    def prepare(self) -> None:
        """Write the configuration, which is read at every start."""
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        self._write("definitions.json", json.dumps(self._boot_definitions(), indent=1))
        self._write("enabled_plugins", "[rabbitmq_management,rabbitmq_prometheus].\n")
        self._write("rabbitmq.conf", configuration(self.ports, self.folder, self._peers))
        self._write("rabbitmq-env.conf", "")
        self._write(".erlang.cookie", self._secrets.get("cookie"), mode=0o400)

    def spec(self) -> ProcessSpec:
        return ProcessSpec(
            name="rabbitmq",
            command=[str(get_server())],
            log=self.log,
            environment=self.environment(),
            folder=self.folder,
            grace=timedelta(seconds=30),
        )

    def environment(self) -> dict[str, str]:
        """For the server, and for `rabbitmqctl` and its like to talk to this node."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(self.folder),
            "ERL_EPMD_PORT": str(self.epmd.port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG,
            "RABBITMQ_SCHEDULER_BIND_TYPE": "u",
            "RABBITMQ_NODENAME": self.node_name,
            "RABBITMQ_NODE_PORT": str(self.ports.amqp),
            "RABBITMQ_DIST_PORT": str(self.ports.distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "data"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
        }

    def wait_ready(self) -> None:
        """Until it takes logins; raises with the end of its log when it does not."""
        wait_started("RabbitMQ", self.is_ready, self._process, self.log, _START_LIMIT)

    def is_ready(self) -> bool:
        return answers(self.amqp_url)

    def _boot_definitions(self) -> dict[str, Any]:
        document = definitions(rabbitmq_users(self._secrets))
        return {**document, "queues": [], "bindings": []} if self._peers else document

    def _write(self, name: str, content: str, mode: int = 0o600) -> None:
        path = self.folder / name
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(content)
        path.chmod(mode)


def rabbitmq_users(secrets: SecretFile) -> list[User]:
    """One user for each service, and one who may do everything."""
    services = [service_user(name, secrets.get(name)) for name in SERVICES]
    return [User(ADMINISTRATOR, secrets.get(ADMINISTRATOR), ("administrator",)), *services]

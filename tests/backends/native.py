"""The native backend: the embedded Postgres and the private RabbitMQ node that `make run` uses."""

from pathlib import Path

from deploy.local.postgres import EmbeddedPostgres
from deploy.local.rabbitmq import RabbitMQNode
from tests.backends.backend import Backend
from tests.backends.databases import execute


class NativePostgres:
    """The embedded Postgres, without fsync: nothing here has to outlive a power cut."""

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder)
        self._server.start()
        self.admin_url = self._server.admin_url
        execute(self.admin_url, "ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()")

    def restart(self) -> None:
        self._server.kill()
        self._server.start()

    def stop(self) -> None:
        self._server.stop()


class NativeRabbitMQ:
    """The private RabbitMQ node."""

    def __init__(self, folder: Path) -> None:
        self._node = RabbitMQNode(folder)
        self._node.start()
        self.amqp_url = self._node.amqp_url
        self.management_url = self._node.management_url

    def restart(self) -> None:
        self._node.kill()
        self._node.start()

    def stop(self) -> None:
        """Without the seconds that an orderly shutdown takes: nobody reads its data again."""
        self._node.kill()
        self._node.stop()


def native(folder: Path) -> Backend:
    """Both in `folder`."""
    return Backend(
        "native",
        lambda: NativePostgres(folder / "postgres"),
        lambda: NativeRabbitMQ(folder / "rabbitmq"),
    )

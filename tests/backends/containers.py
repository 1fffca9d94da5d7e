"""The containers backend: testcontainers' RabbitMQ and Postgres.

The reaper container is not used, because its image is not everywhere: sessions that were killed
leave containers behind, and the next session removes them by their label.
"""

import os
from typing import Any

import docker
import docker.errors
import httpx
import psutil
from testcontainers.community.postgres import PostgresContainer
from testcontainers.community.rabbitmq import RabbitMqContainer
from testcontainers.core.config import testcontainers_config

from deploy.local.amqp_handshake import answers
from deploy.local.ports import PortReservations
from shared.testing.eventually import eventually_sync
from tests.backends.backend import Backend
from tests.backends.databases import query

POSTGRES_IMAGE = "postgres:17"
RABBITMQ_IMAGE = "rabbitmq:4-management"
IMAGES = (POSTGRES_IMAGE, RABBITMQ_IMAGE)

_OWNER = "darkroom.tests.pid"
_POSTGRES_SETTINGS = "postgres -c fsync=off -c max_connections=200"
_DRIVER = "asyncpg"


class ContainerPostgres:
    """Postgres in a container, without fsync: nothing here has to outlive a power cut."""

    def __init__(self) -> None:
        self._ports = PortReservations()
        container = PostgresContainer(POSTGRES_IMAGE, driver=_DRIVER)
        container.with_command(_POSTGRES_SETTINGS)
        container.with_bind_ports(5432, self._ports.take(5450))
        self._container = container.with_kwargs(labels=_labels()).start()
        self.admin_url: str = self._container.get_connection_url()

    def restart(self) -> None:
        _crash(self._container)
        eventually_sync(lambda: query(self.admin_url, "SELECT 1"), timeout=60)

    def stop(self) -> None:
        self._container.stop()
        self._ports.release()


class ContainerRabbitMQ:
    """RabbitMQ with its management plugin in a container."""

    def __init__(self) -> None:
        self._ports = PortReservations()
        amqp, management = self._ports.take(5700), self._ports.take(15700)
        container = RabbitMqContainer(RABBITMQ_IMAGE)
        container.with_bind_ports(5672, amqp)
        container.with_bind_ports(15672, management)
        self._container = container.with_kwargs(labels=_labels()).start()
        host = self._container.get_container_host_ip()
        user = f"{self._container.username}:{self._container.password}"
        self.amqp_url = f"amqp://{user}@{host}:{amqp}/"
        self.management_url = f"http://{user}@{host}:{management}"
        self._wait()

    def restart(self) -> None:
        _crash(self._container)
        self._wait()

    def stop(self) -> None:
        self._container.stop()
        self._ports.release()

    def _wait(self) -> None:
        eventually_sync(self._is_ready, timeout=60)

    def _is_ready(self) -> None:
        assert answers(self.amqp_url)
        httpx.get(f"{self.management_url}/api/overview").raise_for_status()


def containers() -> Backend:
    """Both as containers of this process."""
    testcontainers_config.ryuk_disabled = True
    _remove_leftovers()
    return Backend("containers", ContainerPostgres, ContainerRabbitMQ)


def _labels() -> dict[str, str]:
    return {_OWNER: str(os.getpid())}


def _crash(container: Any) -> None:
    wrapped = container.get_wrapped_container()
    wrapped.kill()
    wrapped.start()


def _remove_leftovers() -> None:
    client = docker.from_env()
    try:
        for container in client.containers.list(all=True, filters={"label": _OWNER}):
            if not psutil.pid_exists(int(container.labels[_OWNER])):
                container.remove(force=True, v=True)
    finally:
        client.close()

"""Postgres and RabbitMQ in containers, as processes of a supervisor."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import aio_pika
import asyncpg
import psutil
import pytest

from deploy.local.clean import clean
from deploy.local.component import Component
from deploy.local.containers import (
    POSTGRES_IMAGE,
    RABBITMQ_IMAGE,
    ContainerPostgres,
    ContainerRabbitMQ,
)
from deploy.local.docker import container_pid, engine_answers, has_image
from deploy.local.postgres_roles import DRIVER
from deploy.local.process_record import ProcessRecord
from deploy.local.settings import LocalSettings
from deploy.local.supervisor import Supervisor
from shared.messaging import topology
from shared.testing.eventually import eventually_sync


@pytest.fixture(scope="module")
def home() -> Iterator[Path]:
    if os.environ.get("DARKROOM_TEST_BACKEND") == "native":
        pytest.skip("DARKROOM_TEST_BACKEND=native")
    if not (engine_answers() and has_image(POSTGRES_IMAGE) and has_image(RABBITMQ_IMAGE)):
        pytest.skip("no Docker engine answers, or it lacks the images")
    home = Path(tempfile.mkdtemp(prefix="darkroom-test-"))
    yield home
    clean(LocalSettings(home=home))
    assert not home.exists()


@pytest.fixture(scope="module")
def supervisor(home: Path) -> Iterator[Supervisor]:
    supervisor = Supervisor(ProcessRecord(home / "processes.json"), print, own_pid=os.getpid())
    yield supervisor
    supervisor.stop(["rabbitmq", "postgres"])


@pytest.fixture(scope="module")
def postgres(home: Path, supervisor: Supervisor) -> Iterator[ContainerPostgres]:
    postgres = ContainerPostgres(home, home / "postgres.log")
    postgres.launch(supervisor.launch)
    _wait_until_ready(postgres)
    yield postgres
    supervisor.stop(["postgres"])
    postgres.cleanup()
    assert container_pid(postgres.name) is None


@pytest.fixture(scope="module")
def rabbitmq(home: Path, supervisor: Supervisor) -> Iterator[ContainerRabbitMQ]:
    rabbitmq = ContainerRabbitMQ(home, home / "rabbitmq.log")
    rabbitmq.launch(supervisor.launch)
    _wait_until_ready(rabbitmq)
    rabbitmq.configure()
    yield rabbitmq
    supervisor.stop(["rabbitmq"])
    rabbitmq.cleanup()


def _wait_until_ready(component: Component) -> None:
    def ready() -> None:
        assert component.is_ready()

    eventually_sync(ready, timeout=60)


async def test_databases_survive_a_container_that_is_killed(
    postgres: ContainerPostgres, supervisor: Supervisor
) -> None:
    url = postgres.create_databases(["darkroom_api"])["darkroom_api"].replace(DRIVER, "postgresql")
    connection = await asyncpg.connect(url)
    await connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    pid = postgres.server_pid(0)
    assert pid is not None
    psutil.Process(pid).kill()

    def started_again() -> None:
        supervisor.tend()
        assert postgres.server_pid(0) not in {None, pid}
        assert postgres.is_ready()

    eventually_sync(started_again, timeout=60)
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT answer FROM kept") == 42
    await connection.close()


async def test_a_service_logs_in_and_finds_its_queue(rabbitmq: ContainerRabbitMQ) -> None:
    rabbitmq.configure()
    async with await aio_pika.connect(rabbitmq.url_for("notifier")) as connection:
        channel = await connection.channel()
        assert await channel.get_queue(topology.NOTIFIER_OUTCOMES)

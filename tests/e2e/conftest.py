"""One running stack for all end-to-end tests, started as `make run` starts it.

On the native backend the stack brings its own Postgres and RabbitMQ; on containers it is given the
URLs of the session's.
"""

from collections.abc import Callable, Iterator, Mapping

import httpx
import pika
import pytest
from pika.adapters.blocking_connection import BlockingChannel

from deploy.local.stack import LocalStack, StackInfo
from shared.testing import eventually_sync
from tests.backends import Backend
from tests.backends.databases import Databases
from tests.backends.vhosts import Vhosts
from tests.e2e.command_line import CommandLine
from tests.e2e.people import Person

SERVICES = ("api", "generator", "notifier")

Surroundings = Callable[[], Mapping[str, str]]


@pytest.fixture(scope="session")
def surroundings(backend: Backend, request: pytest.FixtureRequest) -> Surroundings:
    """Makes the environment variables that tell a stack where Postgres and RabbitMQ are."""
    if backend.name == "native":
        return lambda: {"DARKROOM_BACKEND": "embedded"}
    databases: Databases = request.getfixturevalue("databases")
    vhosts: Vhosts = request.getfixturevalue("vhosts")
    return lambda: {
        "DARKROOM_RABBITMQ_URL": vhosts.create(),
        "DARKROOM_RABBITMQ_MANAGEMENT_URL": backend.rabbitmq.management_url,
        **{f"DARKROOM_{name.upper()}_DATABASE_URL": databases.create(None) for name in SERVICES},
    }


@pytest.fixture(scope="session")
def stack(
    surroundings: Surroundings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LocalStack]:
    """The stack that the tests of this folder share."""
    settings = {
        "DARKROOM_ALLOW_FAULTS": "1",
        "DARKROOM_NOTIFIER_GRACE_SECONDS": "3",
        "DARKROOM_WEBHOOK_ALLOW_PRIVATE": "1",
        "DARKROOM_WEBHOOK_SCHEDULE": "0,0.2,0.5,1,2,5",
        "DARKROOM_WEBHOOK_TIMEOUT_SECONDS": "3",
        **surroundings(),
    }
    with LocalStack(tmp_path_factory.mktemp("stack"), settings) as stack:
        eventually_sync(lambda: _noop_is_announced(stack.info), timeout=30)
        yield stack


def _noop_is_announced(info: StackInfo) -> None:
    httpx.get(f"{info.api}/v1/generators/noop").raise_for_status()


@pytest.fixture
def info(stack: LocalStack) -> StackInfo:
    """Where everything is now."""
    return stack.info


@pytest.fixture
def http(info: StackInfo) -> Iterator[httpx.Client]:
    """An HTTP client of the API."""
    with httpx.Client(base_url=info.api, timeout=60) as client:
        yield client


@pytest.fixture
def person(http: httpx.Client) -> Person:
    """Somebody who uses the API."""
    return Person(http)


@pytest.fixture
def darkroom(info: StackInfo) -> CommandLine:
    """The command, for this stack."""
    return CommandLine(info)


@pytest.fixture
def channel(info: StackInfo) -> Iterator[BlockingChannel]:
    """A channel of a plain AMQP client, which nothing serves while the test does something else."""
    parameters = pika.URLParameters(info.rabbitmq)
    parameters.heartbeat = 0
    connection = pika.BlockingConnection(parameters)
    yield connection.channel()
    connection.close()

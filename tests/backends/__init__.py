"""Real RabbitMQ and Postgres for tests, from either of two sources that tests cannot tell apart.

`DARKROOM_TEST_BACKEND` chooses: `native` (the embedded Postgres and the private RabbitMQ node of
deploy/local), `containers` (testcontainers), or `auto`, the default: containers where a Docker
engine answers and has the images, else native. Nothing starts before a test asks for it.
"""

from tests.backends.backend import Backend, PostgresServer, RabbitMQServer
from tests.backends.choice import choose

__all__ = ["Backend", "PostgresServer", "RabbitMQServer", "choose"]

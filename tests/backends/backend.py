"""What a backend is: two servers, each started when it is first asked for.

Neighbours: `native` and `containers` implement the servers, `databases` and `vhosts` cut them into
pieces, so that no test sees another one's leavings.
"""

from collections.abc import Callable
from typing import Protocol


class PostgresServer(Protocol):
    """A running Postgres."""

    admin_url: str
    """A superuser's URL, `postgresql+asyncpg://…`."""

    def restart(self) -> None:
        """Crash and come back at the same address."""

    def stop(self) -> None: ...


class RabbitMQServer(Protocol):
    """A running RabbitMQ with the management plugin."""

    amqp_url: str
    """An administrator's URL of the default vhost, `amqp://user:password@host:port/`."""
    management_url: str
    """The management API, `http://user:password@host:port`."""

    def restart(self) -> None:
        """Crash and come back at the same address."""

    def stop(self) -> None: ...


class Backend:
    """Both servers of a test session."""

    def __init__(
        self,
        name: str,
        start_postgres: Callable[[], PostgresServer],
        start_rabbitmq: Callable[[], RabbitMQServer],
    ) -> None:
        self.name = name
        self._start_postgres = start_postgres
        self._start_rabbitmq = start_rabbitmq
        self._postgres: PostgresServer | None = None
        self._rabbitmq: RabbitMQServer | None = None

    @property
    def postgres(self) -> PostgresServer:
        if self._postgres is None:
            self._postgres = self._start_postgres()
        return self._postgres

    @property
    def rabbitmq(self) -> RabbitMQServer:
        if self._rabbitmq is None:
            self._rabbitmq = self._start_rabbitmq()
        return self._rabbitmq

    def stop(self) -> None:
        """Stop what was started."""
        rabbitmq, self._rabbitmq = self._rabbitmq, None
        postgres, self._postgres = self._postgres, None
        try:
            if rabbitmq is not None:
                rabbitmq.stop()
        finally:
            if postgres is not None:
                postgres.stop()

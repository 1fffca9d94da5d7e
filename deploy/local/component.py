"""What the stack needs to know of Postgres and RabbitMQ, wherever they come from.

Implemented by ``postgres`` and ``rabbitmq`` (embedded), ``containers``, and ``given`` (URLs in the
environment). ``backends`` chooses, ``session`` starts them under the ``supervisor``.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from deploy.local.process import ProcessSpec

Launch = Callable[[ProcessSpec], None]


class Component(Protocol):
    """A server that the services need."""

    @property
    def origin(self) -> str:
        """`embedded`, `container` or `given`."""
        ...

    def launch(self, launch: Launch) -> None:
        """Prepare everything and hand the processes over to be started and watched, in order."""
        ...

    def is_ready(self) -> bool:
        """By a real connection; does not wait."""
        ...

    def server_pid(self, process: int) -> int | None:
        """The server's own process, given the one that was launched for it."""
        ...

    def cleanup(self) -> None:
        """After the processes have ended."""
        ...


class Postgres(Component, Protocol):
    def create_databases(self, names: Sequence[str]) -> dict[str, str]:
        """The URL of each database, made with its role where it is missing. Needs the server."""
        ...


class RabbitMQ(Component, Protocol):
    def url_for(self, user: str) -> str:
        """The broker for `darkroom` (who may do everything) or for a service's own user."""
        ...

    def management_url_for(self, user: str) -> str | None:
        """Management UI and HTTP API, with name and password in it; None when there is none."""
        ...

    def configure(self) -> None:
        """Users, policies and topology, once it is ready."""
        ...

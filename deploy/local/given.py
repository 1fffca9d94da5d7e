"""Postgres and RabbitMQ that somebody else runs: only their URLs are known, nothing is started."""

from collections.abc import Mapping, Sequence

from deploy.local.amqp_handshake import answers
from deploy.local.component import Launch
from deploy.local.postgres_roles import SERVICE_DATABASES


class _Given:
    origin = "given"

    def launch(self, launch: Launch) -> None:
        """Nothing to start."""

    def server_pid(self, process: int) -> int | None:  # noqa: ARG002
        return None

    def cleanup(self) -> None:
        """Nothing to clear away."""


class GivenPostgres(_Given):
    """Databases by service name; they and their roles exist already."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = {SERVICE_DATABASES[service]: url for service, url in urls.items()}

    def is_ready(self) -> bool:
        return True  # the services' migrations connect first, and say what is wrong

    def create_databases(self, names: Sequence[str]) -> dict[str, str]:
        return {name: self._urls[name] for name in names}


class GivenRabbitMQ(_Given):
    """One user for everybody; the services declare what they need."""

    def __init__(self, url: str, management_url: str | None) -> None:
        self._url = url
        self._management_url = management_url

    def is_ready(self) -> bool:
        return answers(self._url)

    def url_for(self, user: str) -> str:  # noqa: ARG002
        return self._url

    def management_url_for(self, user: str) -> str | None:  # noqa: ARG002
        return self._management_url

    def configure(self) -> None:
        """Left to who runs it: `darkroom topology check` says what is missing."""

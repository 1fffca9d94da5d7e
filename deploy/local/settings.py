"""What a person may decide about the local stack, by `DARKROOM_…` in the environment."""

from enum import StrEnum
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from deploy.local.errors import LocalStackError
from shared.service import SharedSecret

CHECKOUT = Path(__file__).resolve().parents[2]
SERVICES = ("api", "generator", "notifier")


class Backend(StrEnum):
    """Where Postgres and RabbitMQ come from when no URL is given."""

    AUTO = "auto"
    CONTAINERS = "containers"
    EMBEDDED = "embedded"


class LocalSettings(BaseSettings):
    """Ports are wishes: one that is taken moves to the next free one."""

    model_config = SettingsConfigDict(env_prefix="DARKROOM_", extra="ignore", env_ignore_empty=True)

    home: Path = CHECKOUT / ".darkroom"
    backend: Backend = Backend.AUTO
    host: str = "127.0.0.1"
    api_port: int = 8000
    generator_port: int = 8001
    notifier_port: int = 8002
    rabbitmq_port: int = 5680
    rabbitmq_url: str | None = None
    rabbitmq_management_url: str | None = None
    api_database_url: str | None = None
    generator_database_url: str | None = None
    notifier_database_url: str | None = None
    store_url: str | None = None
    auth: Literal["off", "keys"] = "off"
    allow_open: bool = False
    operator_key: SharedSecret | None = None
    notifier_token: SharedSecret | None = None
    api_url: str | None = None
    api_key: str | None = Field(default=None, repr=False)

    def database_url(self, service: str) -> str | None:
        urls = (self.api_database_url, self.generator_database_url, self.notifier_database_url)
        return dict(zip(SERVICES, urls, strict=True))[service]

    def port(self, service: str) -> int:
        ports = (self.api_port, self.generator_port, self.notifier_port)
        return dict(zip(SERVICES, ports, strict=True))[service]


def local_settings() -> LocalSettings:
    """What the environment says. Raises `LocalStackError`, which names what is wrong there."""
    try:
        return LocalSettings()
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "_".join(str(part) for part in first["loc"]).upper()
        reason = first["msg"].removeprefix("Value error, ")
        raise LocalStackError(f"DARKROOM_{name} is wrong: {reason}") from error

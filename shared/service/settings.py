"""What a service is told from outside: environment variables that begin with `DARKROOM_`.

Nothing is read at import. A service's settings extend `ServiceSettings`; what is its own (database,
port) has the service's name in it, so that all services can share one environment file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, AliasChoices, Field, ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.database.engine import async_url
from shared.errors import PermanentError

PREFIX = "DARKROOM_"


def _amqp_url(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    if not separator or scheme not in {"amqp", "amqps"}:
        raise ValueError("not an AMQP URL (use amqp://user:password@host:5672/vhost)")
    return url


AmqpUrl = Annotated[str, AfterValidator(_amqp_url)]
DatabaseUrl = Annotated[str, AfterValidator(async_url)]
"""`postgresql://…` in any spelling; kept as `postgresql+asyncpg://…`."""


class SettingsError(PermanentError):
    """The environment does not say what the service needs to know."""

    code = "bad_settings"
    title = "Bad settings"


class MigrationSettings(BaseSettings):
    """What `migrate` is told, and `serve` too."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        extra="ignore",
        frozen=True,
        populate_by_name=True,
        env_ignore_empty=True,
    )

    database_url: DatabaseUrl = Field(repr=False, description="This service's own database.")
    log_format: Literal["json", "console"] = Field("json", description="json or console.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="debug, info, warning or error."
    )


class ServiceSettings(MigrationSettings):
    """What all services are told.

    A service declares its own `database_url` and `port` again, with the name of its variable:

        port: int = Field(8002, validation_alias="DARKROOM_NOTIFIER_PORT")
    """

    rabbitmq_url: AmqpUrl = Field(repr=False, description="amqp://user:password@host:5672/vhost")
    store_url: str | None = Field(
        None, description="Where assets are kept: file:///folder or s3://bucket/prefix."
    )
    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(ge=0, le=65_535, description="Where it answers HTTP; 0: any free port.")
    may_declare: bool = Field(
        True, description="Whether to declare exchanges and queues; off where ops do that."
    )
    grace_seconds: float = Field(
        25.0, ge=0, description="How long to finish work in hand after SIGTERM."
    )

    @property
    def grace(self) -> timedelta:
        return timedelta(seconds=self.grace_seconds)


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable, as `.env.example` and error messages show it."""

    name: str
    description: str
    required: bool
    default: str


SettingsT = TypeVar("SettingsT", bound=MigrationSettings)


def variables(settings: type[MigrationSettings]) -> Iterator[Variable]:
    """Every variable that `settings` reads, in the order of declaration."""
    for name, field in settings.model_fields.items():
        default = "" if field.is_required() or field.default is None else str(field.default)
        yield Variable(
            variable_name(name, field), field.description or "", field.is_required(), default
        )


def variable_name(name: str, field: FieldInfo) -> str:
    """The environment variable of a field."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = next((choice for choice in alias.choices if isinstance(choice, str)), None)
    return alias if isinstance(alias, str) else f"{PREFIX}{name.upper()}"


def load_settings(settings: type[SettingsT]) -> SettingsT:
    """Read the environment. Raises `SettingsError`, which names every variable that is amiss."""
    try:
        return settings()
    except ValidationError as error:
        raise SettingsError("\n".join(_complaints(settings, error))) from error


def migration_settings(settings: type[ServiceSettings]) -> MigrationSettings:
    """The part of `settings` that `migrate` needs: it runs where there is no broker yet."""
    database_url = settings.model_fields["database_url"]
    part = create_model(
        "MigrationSettings", __base__=MigrationSettings, database_url=(DatabaseUrl, database_url)
    )
    return load_settings(part)


def _complaints(settings: type[MigrationSettings], error: ValidationError) -> Iterator[str]:
    known = {
        key: Variable(variable_name(name, field), field.description or "", False, "")
        for name, field in settings.model_fields.items()
        for key in (name, variable_name(name, field))
    }
    for problem in error.errors(include_url=False, include_input=False):
        variable = known.get(str(problem["loc"][0])) if problem["loc"] else None
        reason = problem["msg"].removeprefix("Value error, ")
        if variable is None:
            yield reason
        elif problem["type"] == "missing":
            yield f"{variable.name} is not set: {variable.description}"
        else:
            yield f"{variable.name} is wrong: {reason}"

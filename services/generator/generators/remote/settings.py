"""What an operator says of providers: `DARKROOM_<GENERATOR>_…`, read when a generator is made.

Never at import: a worker imports all generators, and hosts those that have settings.
"""

from datetime import timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

BACKENDS: Final = (
    "JSON list of accounts or servers, with their prices; without it, it is not offered."
)


class BackendSettings(BaseModel):
    """One account at one provider, or one server of one's own."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,62}$",
        description="What it is called in bills, logs and notes of orders; do not change it.",
    )
    base_url: str = Field(description="Where its API is.")
    api_key: SecretStr | None = Field(None, description="Sent as a bearer token.")
    requests_per_minute: float | None = Field(
        None, gt=0, le=100_000, description="Orders a minute, of each worker; unlimited by default."
    )
    max_concurrency: int = Field(
        8, ge=1, le=1000, description="Orders under way at the same time, of each worker."
    )
    timeout_seconds: float = Field(
        120, gt=0, le=3600, description="How long one request may take to be answered."
    )
    poll_seconds: float = Field(
        1, gt=0, le=60, description="The pause before the first look at an order; later ones grow."
    )
    breaker_failures: int = Field(
        5, ge=1, le=100, description="Failures in a row after which it is left alone."
    )
    breaker_seconds: float = Field(30, ge=0, le=3600, description="And for how long.")
    download_hosts: tuple[str, ...] = Field(
        (), description="Hosts that its results may lie on beside its own; *.example.com works."
    )
    allow_private: bool = Field(
        False, description="Results may lie at private addresses, and at plain http."
    )

    @field_validator("base_url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("not an http or https URL")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("no user, password, query or fragment, please: use api_key")
        return value.rstrip("/")

    @property
    def authorization(self) -> dict[str, str]:
        """The header that says who we are; for this server only."""
        if self.api_key is None:
            return {}
        return {"Authorization": f"Bearer {self.api_key.get_secret_value()}"}

    @property
    def first_pause(self) -> timedelta:
        """Before an order is looked at again."""
        return timedelta(seconds=self.poll_seconds)

    @property
    def rest(self) -> timedelta:
        """How long it is left alone after failing."""
        return timedelta(seconds=self.breaker_seconds)

    def most(self) -> float | None:
        """What one order can cost at most, in USD; None: nothing, or nobody knows."""
        return None


class RemoteSettings(BaseSettings):
    """All backends of one generator, and what one job may cost."""

    model_config = SettingsConfigDict(
        extra="ignore", frozen=True, env_ignore_empty=True, hide_input_in_errors=True
    )
    documentation: ClassVar[str]

    backends: tuple[Any, ...] = ()
    max_cost: float | None = Field(
        None, ge=0, le=100_000, description="USD that one job may cost at most."
    )

    @field_validator("backends")
    @classmethod
    def _have_names_of_their_own(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        names = [backend.name for backend in value]
        if len(set(names)) < len(names):
            raise ValueError("two backends have the same name")
        return value

    @property
    def most(self) -> float | None:
        """What one job can cost at most, in USD; None: nothing."""
        dearest: float = max((backend.most() or 0 for backend in self.backends), default=0)
        if not dearest:
            return None
        return dearest if self.max_cost is None else min(dearest, self.max_cost)

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return f"{cls.model_config.get('env_prefix', '')}{field}".upper()

    @classmethod
    def lacking(cls) -> str | None:
        """Which setting is missing or wrong; None: all is said. Never repeats a value."""
        try:
            told = cls()
        except ValidationError as error:
            return "; ".join(
                f"{cls.variable(str(problem['loc'][0]))}"
                f"{''.join(f'[{part}]' for part in problem['loc'][1:])}: {problem['msg']}"
                for problem in error.errors(include_url=False, include_input=False)
            )
        except SettingsError:
            return f"{cls.variable('backends')} is no JSON"
        if not told.backends:
            return f"needs the setting {cls.variable('backends')}: see {cls.documentation}"
        return told.incomplete()

    def incomplete(self) -> str | None:
        """What else is missing."""
        return None

"""`DARKROOM_REPLICATE_…`: accounts, and the models that may be used, with their prices."""

from datetime import timedelta
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import SettingsConfigDict

from services.generator.generators.remote.settings import (
    BACKENDS,
    BackendSettings,
    RemoteSettings,
)


class AllowedModel(BaseModel):
    """A model, what it costs (USD; the parts add up), and what users may say to it."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str = Field(description="owner/name")
    version: str | None = Field(
        None, description="A version's id: for models that are not official ones."
    )
    price_per_run: float | None = Field(None, ge=0)
    price_per_output: float | None = Field(None, ge=0, description="For each file that comes out.")
    price_per_second: float | None = Field(None, ge=0, description="Of `predict_time`.")
    longest_seconds: float = Field(
        600, ge=5, le=86_400, description="It is canceled there after this."
    )
    prompt_parameter: str = "prompt"
    seed_parameter: str | None = Field("seed", description="null: the model has none.")
    largest_seed: int = Field(
        2**31 - 1,
        ge=2**16,
        le=2**53,
        description="Larger ones wrap around: many models refuse them.",
    )
    count_parameter: str = Field("num_outputs", description="How many files it is to make.")
    settable: tuple[str, ...] | None = Field(
        None, description="The parameters that users may set; all by default."
    )
    fixed: dict[str, Any] = Field(
        default_factory=dict, description="Parameters that are always set to this."
    )

    @model_validator(mode="after")
    def _has_a_price(self) -> Self:
        if self.price_per_run is self.price_per_output is self.price_per_second is None:
            raise ValueError("price_per_run, price_per_output or price_per_second is missing")
        return self

    @property
    def longest(self) -> timedelta:
        return timedelta(seconds=self.longest_seconds)

    def seed(self, wanted: int) -> int:
        """What the model is told for this seed."""
        return wanted % (self.largest_seed + 1)

    def cost(self, outputs: int, seconds: float) -> float:
        """Of one run, in USD."""
        return (
            (self.price_per_run or 0)
            + (self.price_per_output or 0) * outputs
            + (self.price_per_second or 0) * seconds
        )

    def most(self, outputs: int = 1) -> float:
        """What a run that makes so many files can cost at most."""
        return self.cost(outputs, self.longest_seconds)


class ReplicateBackend(BackendSettings):
    """An account at Replicate."""

    model_config = ConfigDict(protected_namespaces=())

    base_url: str = "https://api.replicate.com"
    download_hosts: tuple[str, ...] = ("replicate.delivery", "*.replicate.delivery")
    models: tuple[AllowedModel, ...] = Field(min_length=1)
    most_outputs: int = Field(
        4, ge=1, le=100, description="Files that one job may ask for: part of what it can cost."
    )
    webhook_url: str | None = Field(
        None,
        pattern=r"^https?://[^\s?#]+$",
        description="Called by Replicate, with ?job=<id>, when an order is done: for your systems.",
    )

    def most(self) -> float:
        return max(model.most(self.most_outputs) for model in self.models)


class ReplicateSettings(RemoteSettings):
    """All of them."""

    model_config = SettingsConfigDict(env_prefix="DARKROOM_REPLICATE_")
    documentation: ClassVar[str] = "docs/generators/replicate.md"

    backends: tuple[ReplicateBackend, ...] = Field((), repr=False, description=BACKENDS)

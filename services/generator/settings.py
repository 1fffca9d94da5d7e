"""What the generator service is told from outside (`DARKROOM_…`); nothing is read at import."""

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, ByteSize, Field
from pydantic_settings import BaseSettings, NoDecode

from shared.service import DatabaseUrl, ServiceSettings
from shared.service.memory import available_memory
from shared.service.settings import MigrationSettings

_MOST_MEMORY = 0.7
"""The rest is for the services themselves, and for the disk's cache."""


def _names(value: object) -> object:
    if not isinstance(value, str):
        return value
    return frozenset(name.strip() for name in value.split(",") if name.strip())


Names = Annotated[frozenset[str], NoDecode, BeforeValidator(_names)]
"""Comma-separated names."""


class HostingSettings(BaseSettings):
    """What decides which generators a process hosts, and how many jobs it runs at once."""

    model_config = MigrationSettings.model_config

    generators: Names | None = Field(
        None, description="Host only these, comma-separated; all that are installed by default."
    )
    allow_faults: bool = Field(
        False, description="Host `flaky`, which fails on purpose, and `noop`, which makes nothing."
    )
    slots: int | None = Field(
        None,
        ge=0,
        le=1024,
        validation_alias="DARKROOM_GENERATOR_SLOTS",
        description="Jobs in child processes at the same time; as many as processors by default.",
    )
    memory: ByteSize | None = Field(
        None,
        gt=0,
        validation_alias="DARKROOM_GENERATOR_MEMORY",
        description="What jobs in child processes may keep together (`6GiB`), by what their "
        "generators declare; by default 70 % of what the machine or the container has. Set it "
        "where several processes share one machine.",
    )

    @property
    def child_slots(self) -> int:
        return (os.cpu_count() or 1) if self.slots is None else self.slots

    @property
    def child_memory(self) -> int:
        """Bytes."""
        return int(self.memory or _MOST_MEMORY * available_memory())


class GeneratorSettings(HostingSettings, ServiceSettings):
    """Settings of one generator process."""

    database_url: DatabaseUrl = Field(
        validation_alias="DARKROOM_GENERATOR_DATABASE_URL",
        repr=False,
        description="The generator's own database: postgresql://user:password@host/name",
    )
    port: int = Field(
        8001,
        ge=0,
        le=65_535,
        validation_alias="DARKROOM_GENERATOR_PORT",
        description="Where health and metrics are answered; 0: any free port.",
    )
    store_url: str = Field(
        description="Where assets are kept: file:///folder or s3://bucket/prefix."
    )
    loop_slots: int = Field(
        512,
        ge=0,
        le=10_000,
        validation_alias="DARKROOM_GENERATOR_LOOP_SLOTS",
        description="Jobs that only wait for somebody else, at the same time; each of their "
        "generators has the same share.",
    )
    input_max_bytes: ByteSize = Field(
        ByteSize(1024**3),
        gt=0,
        validation_alias="DARKROOM_GENERATOR_INPUT_MAX_BYTES",
        description="More than that in files that its input names is given to no attempt.",
    )
    window: int = Field(
        1000,
        ge=1,
        le=100_000,
        validation_alias="DARKROOM_GENERATOR_WINDOW",
        description="Unfinished jobs taken out of each queue, by all processes together.",
    )
    lease_seconds: float = Field(
        15.0,
        gt=0,
        validation_alias="DARKROOM_GENERATOR_LEASE_SECONDS",
        description="After so long without a sign of life another worker takes a job over.",
    )
    poll_seconds: float = Field(
        1.0,
        gt=0,
        validation_alias="DARKROOM_GENERATOR_POLL_SECONDS",
        description="How often to look for work that nobody announced.",
    )
    retry_base_seconds: float = Field(
        0.5,
        ge=0,
        validation_alias="DARKROOM_GENERATOR_RETRY_BASE_SECONDS",
        description="The first retry waits up to this; each further one up to twice as long.",
    )
    retry_cap_seconds: float = Field(
        60.0,
        ge=0,
        validation_alias="DARKROOM_GENERATOR_RETRY_CAP_SECONDS",
        description="No retry waits longer, unless a provider asks for it.",
    )
    announce_seconds: float = Field(
        60.0,
        gt=0,
        validation_alias="DARKROOM_GENERATOR_ANNOUNCE_SECONDS",
        description="How often generators are announced.",
    )
    child_idle_seconds: float = Field(
        120.0,
        gt=0,
        validation_alias="DARKROOM_GENERATOR_CHILD_IDLE_SECONDS",
        description="A child process without work is ended after this.",
    )
    scratch_folder: Path | None = Field(
        None,
        validation_alias="DARKROOM_GENERATOR_SCRATCH_FOLDER",
        description="Where attempts keep their files; the system's temporary folder by default.",
    )
    fonts_folder: Path | None = Field(
        None,
        description="Fonts of your own (.ttf, .otf, .ttc), for letters that the built-in ones do "
        "not have. Generators find it in their environment.",
    )

    @property
    def child_idle(self) -> timedelta:
        return timedelta(seconds=self.child_idle_seconds)

    @property
    def announcing(self) -> timedelta:
        return timedelta(seconds=self.announce_seconds)

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.lease_seconds)

    @property
    def lease_patience(self) -> timedelta:
        """How long to wait for a statement about leases.

        Less than what is left of any lease then: a database that hangs for longer is taken for one
        that was away, and not for one that says now that everybody's lease is over.
        """
        return max(self.lease / 2, timedelta(seconds=3))

    @property
    def poll(self) -> timedelta:
        return timedelta(seconds=self.poll_seconds)

    @property
    def retry_base(self) -> timedelta:
        return timedelta(seconds=self.retry_base_seconds)

    @property
    def retry_cap(self) -> timedelta:
        return timedelta(seconds=self.retry_cap_seconds)

    @property
    def finishing_grace(self) -> timedelta:
        """The part of the grace that goes to jobs in hand; the rest is for the outbox."""
        return self.grace * 0.8

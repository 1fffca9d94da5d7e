"""What the notifier is told from outside (`DARKROOM_…`); nothing is read at import."""

import ssl
from datetime import timedelta
from pathlib import Path

from pydantic import Field, field_validator

from shared.service import AccessSettings, DatabaseUrl

_LONGEST = 30 * 86_400


class NotifierSettings(AccessSettings):
    """Settings of one notifier process."""

    database_url: DatabaseUrl = Field(
        validation_alias="DARKROOM_NOTIFIER_DATABASE_URL",
        repr=False,
        description="The notifier's own database: postgresql://user:password@host/darkroom_notifier",
    )
    port: int = Field(
        8002,
        ge=0,
        le=65_535,
        validation_alias="DARKROOM_NOTIFIER_PORT",
        description="Where the notifier answers health checks and metrics; 0: any free port.",
    )
    answer_grace_seconds: float = Field(
        10.0,
        ge=0,
        validation_alias="DARKROOM_NOTIFIER_GRACE_SECONDS",
        description="How long a generator may take to answer that it stopped a job, before the "
        "notifier closes it by itself.",
    )

    webhook_schedule: str = Field(
        "0,5,300,1800,7200,18000,36000,50400,72000,86400",
        description="When a webhook is sent: seconds before each try, in order. After the last it "
        "has failed.",
    )
    webhook_timeout_seconds: float = Field(
        15.0, gt=0, le=300, description="How long the receiver of a webhook may take to answer."
    )
    webhook_concurrency: int = Field(
        64, ge=1, le=1000, description="Webhooks that one process sends at once."
    )
    webhook_concurrency_per_endpoint: int = Field(
        4, ge=1, le=100, description="Of these, to one endpoint."
    )
    webhook_breaker_failures: int = Field(
        10, ge=1, description="An endpoint that fails so often in a row is left alone for a while."
    )
    webhook_breaker_seconds: float = Field(30.0, ge=0, description="For how long.")
    webhook_disable_after_days: float = Field(
        5.0, gt=0, description="An endpoint that nothing has reached for so long is disabled."
    )
    webhook_retention_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="How long delivered webhooks stay in the log; others stay three times as long.",
    )
    webhook_allow_private: bool = Field(
        False, description="Let webhooks go to private addresses, and to this machine."
    )
    webhook_allowed_hosts: str = Field(
        "",
        description="Hosts that webhooks may go to although they are private: "
        "`hooks.internal,*.cluster.local`.",
    )
    webhook_ports: str = Field(
        "80,443,1024-65535", description="Ports that webhooks may go to, on hosts not named there."
    )

    webhook_ca_file: Path | None = Field(
        None,
        description="Certificates (PEM) of authorities of your own that webhooks over https may "
        "trust, beside those of the system.",
    )
    webhook_endpoints_per_tenant: int = Field(
        100, ge=1, le=10_000, description="Webhook endpoints that one tenant may have."
    )

    @field_validator("webhook_schedule")
    @classmethod
    def _is_a_schedule(cls, value: str) -> str:
        _pauses(value)
        return value

    @field_validator("webhook_ca_file")
    @classmethod
    def _has_certificates(cls, value: Path | None) -> Path | None:
        if value is not None:
            try:
                ssl.create_default_context(cafile=value)
            except OSError as error:
                raise ValueError(f"there are no certificates (PEM) in {value}: {error}") from None
        return value

    @field_validator("webhook_ports")
    @classmethod
    def _are_ports(cls, value: str) -> str:
        _ranges(value)
        return value

    @property
    def webhook_pauses(self) -> tuple[timedelta, ...]:
        return _pauses(self.webhook_schedule)

    @property
    def webhook_port_ranges(self) -> tuple[range, ...]:
        return _ranges(self.webhook_ports)

    @property
    def webhook_hosts(self) -> tuple[str, ...]:
        return tuple(filter(None, map(str.strip, self.webhook_allowed_hosts.split(","))))

    @property
    def answer_grace(self) -> timedelta:
        return timedelta(seconds=self.answer_grace_seconds)


def _pauses(text: str) -> tuple[timedelta, ...]:
    try:
        seconds = [float(one) for one in text.split(",")]
    except ValueError:
        raise ValueError("seconds, separated by commas: 0,5,300") from None
    if not all(0 <= one <= _LONGEST for one in seconds):
        raise ValueError("pauses are from 0 s to 30 days")
    return tuple(timedelta(seconds=one) for one in seconds)


def _ranges(text: str) -> tuple[range, ...]:
    try:
        ends = [one.partition("-") for one in text.split(",")]
        ranges = tuple(range(int(first), int(last or first) + 1) for first, _, last in ends)
    except ValueError:
        raise ValueError("ports and ranges, separated by commas: 80,443,1024-65535") from None
    if not all(ports and ports[0] > 0 and ports[-1] <= 65_535 for ports in ranges):
        raise ValueError("ports are from 1 to 65535")
    return ranges

"""What the api is told from outside (`DARKROOM_…`); nothing is read at import."""

from typing import Annotated

from pydantic import BeforeValidator, ByteSize, Field

from shared.rate import Rate
from shared.service import AccessSettings, DatabaseUrl, SharedSecret


def _read_rate(said: object) -> object:
    return Rate.parse(said) if isinstance(said, str) and said.strip() else said or None


_Rate = Annotated[Rate | None, BeforeValidator(_read_rate)]


class ApiSettings(AccessSettings):
    """Settings of one api process."""

    database_url: DatabaseUrl = Field(
        validation_alias="DARKROOM_API_DATABASE_URL",
        repr=False,
        description="The api's own database: postgresql://user:password@host/darkroom_api",
    )
    port: int = Field(
        8000,
        ge=0,
        le=65_535,
        validation_alias="DARKROOM_API_PORT",
        description="Where the api answers HTTP; 0: any free port.",
    )
    operator_key: SharedSecret | None = Field(
        None,
        description="A key that may do everything, at least 32 characters: the first one, with "
        "which others are made. Counts with DARKROOM_AUTH=keys.",
    )
    keys_per_tenant: int = Field(
        100,
        ge=1,
        le=10_000,
        validation_alias="DARKROOM_API_KEYS_PER_TENANT",
        description="Keys of one tenant that may count at once; more are refused (409).",
    )
    keys_kept_days: int = Field(
        90,
        ge=1,
        le=36_500,
        validation_alias="DARKROOM_API_KEYS_KEPT_DAYS",
        description="Keys are forgotten so many days after they were revoked or have expired.",
    )
    max_attempts: int = Field(
        5, ge=1, le=100, description="How often a job is tried when it fails for a passing reason."
    )
    total_timeout_seconds: int = Field(
        604_800,
        ge=1,
        validation_alias="DARKROOM_API_TOTAL_TIMEOUT_SECONDS",
        description="Made or not, a job ends within this, unless its request says otherwise.",
    )
    queued_limit: int = Field(
        500_000,
        ge=0,
        validation_alias="DARKROOM_API_QUEUED_LIMIT",
        description="More than so many waiting jobs are refused (429); 0: no limit.",
    )
    queued_limit_per_generator: int = Field(
        200_000,
        ge=0,
        validation_alias="DARKROOM_API_QUEUED_LIMIT_PER_GENERATOR",
        description="The same for the waiting jobs of one generator.",
    )
    queued_limit_per_tenant: int = Field(
        0,
        ge=0,
        validation_alias="DARKROOM_API_QUEUED_LIMIT_PER_TENANT",
        description="The same for the waiting jobs of one tenant.",
    )
    fair_share: int = Field(
        32,
        ge=0,
        validation_alias="DARKROOM_API_FAIR_SHARE",
        description="A tenant with so many jobs waiting for a generator and lane lets others pass: "
        "further ones go into the overflow; 0: first in, first out for everybody.",
    )
    requests_rate: _Rate = Field(
        None,
        validation_alias="DARKROOM_API_REQUESTS_RATE",
        description="How often a tenant may call the api, such as `600/minute` or `50/10s`; not "
        "set: as often as it likes.",
    )
    jobs_rate: _Rate = Field(
        None,
        validation_alias="DARKROOM_API_JOBS_RATE",
        description="The same for the jobs that are accepted of a tenant.",
    )
    upload_limit_per_tenant: int = Field(
        0, ge=0, description="More uploads of one tenant are refused (413); 0: no limit."
    )
    upload_bytes_per_tenant: ByteSize = Field(
        ByteSize(0), ge=0, description="The same for the bytes of all its uploads; 0: no limit."
    )
    upload_max_bytes: ByteSize = Field(
        ByteSize(100 * 1024**2),
        gt=0,
        validation_alias="DARKROOM_UPLOAD_MAX_BYTES",
        description="Larger uploads are refused (413): bytes, or `250MiB`.",
    )
    notifier_url: str | None = Field(
        None,
        pattern=r"^https?://\S+$",
        description="Where the notifier answers HTTP, for /v1/webhooks: http://notifier:8002. "
        "Nobody but the api should reach it there.",
    )
    heartbeat_seconds: float = Field(
        15.0,
        gt=0,
        description="How often, at the least, a stream of events says that it is still there.",
    )
    stream_seconds: float = Field(
        3_600.0,
        gt=0,
        description="A stream of events lasts no longer: its client resumes it, where it likes.",
    )
    listeners_per_tenant: int = Field(
        2_000, ge=1, description="More open streams of events of one tenant are refused (429)."
    )
    catalogue_seconds: float = Field(
        3.0, gt=0, description="How often the api looks for newly announced generators."
    )
    generators_away_seconds: float = Field(
        300.0,
        gt=0,
        description="A generator that was not announced for so long is shown as not available; "
        "longer than DARKROOM_GENERATOR_ANNOUNCE_SECONDS.",
    )
    retention_seconds: int = Field(
        0,
        ge=0,
        description="Jobs are deleted so long after their end, unless their request says "
        "otherwise (`expires_in`); 0: when somebody does it.",
    )
    upload_retention_seconds: int = Field(
        0, ge=0, description="Uploads are deleted so long after they came; 0: when somebody does."
    )
    tombstone_seconds: int = Field(
        7_776_000, ge=0, description="How long it is known of deleted jobs that there were any."
    )
    collect_seconds: int = Field(
        86_400,
        ge=0,
        description="How often stored files that nobody refers to are removed; 0: by hand only.",
    )
    collect_grace_seconds: int = Field(
        86_400, ge=3600, description="Nothing younger is removed, whoever refers to it."
    )
    presign_seconds: int = Field(
        0,
        ge=0,
        le=604_800,
        description="On S3, GCS or Azure: redirect downloads to the store, by addresses that are "
        "good for so long; 0: all bytes go through the api.",
    )

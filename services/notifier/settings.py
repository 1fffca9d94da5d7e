"""What the notifier is told from outside (`DARKROOM_…`); nothing is read at import."""

from datetime import timedelta

from pydantic import Field

from shared.service import DatabaseUrl, ServiceSettings


class NotifierSettings(ServiceSettings):
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

    @property
    def answer_grace(self) -> timedelta:
        return timedelta(seconds=self.answer_grace_seconds)

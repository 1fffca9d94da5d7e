"""What is asked and answered at /v1/webhooks."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.events.parts import WITHOUT_NUL

TENANT_HEADER = "x-darkroom-tenant"
"""Between the api, which sets it, and the notifier: whose request it is."""
EventType = Literal["media.ready", "media.failed", "media.canceled", "media.expired"]
Status = Literal["pending", "delivered", "failed", "skipped"]
_Url = Annotated[
    str,
    Field(
        min_length=1,
        max_length=2048,
        pattern=WITHOUT_NUL,
        description="Where to send: https (or http), without user name; no private address.",
        examples=["https://example.org/hooks/darkroom"],
    ),
]
_Description = Annotated[str, Field(max_length=500, pattern=WITHOUT_NUL, description="For people.")]
_Events = Annotated[
    list[EventType], Field(max_length=4, description="Only these events; none: all of them.")
]
_Generators = Annotated[
    list[Annotated[str, Field(min_length=1, max_length=64, pattern=WITHOUT_NUL)]],
    Field(max_length=100, description="Only jobs of these generators; none: all of them."),
]
_Ordered = Annotated[
    bool, Field(description="One at a time, each only when the one before it is done with.")
]


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")


class WebhookEndpointIn(_Asked):
    """An address that is to hear how jobs end."""

    url: _Url
    description: _Description = ""
    event_types: _Events = []
    generators: _Generators = []
    ordered: _Ordered = False
    enabled: bool = Field(default=True, description="false: events are kept, and not sent.")


class WebhookEndpointPatch(_Asked):
    """What is to be different; what is left out stays as it is."""

    url: _Url | None = None
    description: _Description | None = None
    event_types: _Events | None = None
    generators: _Generators | None = None
    ordered: _Ordered | None = None
    enabled: bool | None = Field(
        default=None, description="true: send again, from now on; what was skipped can be replayed."
    )


class WebhookEndpoint(BaseModel):
    """An address that hears how jobs end."""

    id: UUID
    url: str
    description: str
    event_types: list[str] = Field(description="Empty: all.")
    generators: list[str] = Field(description="Empty: all.")
    ordered: bool
    enabled: bool
    disabled_reason: str | None = Field(
        description="Why it is disabled: `requested`, `gone` (it answered 410), `failing`."
    )
    failing_since: datetime | None = Field(description="Since when nothing has reached it.")
    created_at: datetime


class NewWebhookEndpoint(WebhookEndpoint):
    """The same with its secret, which is shown now and on request."""

    secret: str


class WebhookEndpointList(BaseModel):
    """All endpoints, the oldest first."""

    items: list[WebhookEndpoint]
    next_cursor: str | None = None


class WebhookSecret(BaseModel):
    """What calls are signed with."""

    secret: str = Field(description="`whsec_` and base64: give it to a Standard Webhooks library.")
    previous_until: datetime | None = Field(
        description="Until when calls are also signed with the secret before this one."
    )


class WebhookAttempt(BaseModel):
    """One call, and what became of it."""

    number: int
    started_at: datetime
    duration_ms: int
    status: int | None = Field(description="What was answered; null: nothing.")
    error_code: str | None = Field(
        description="null: delivered; `bad_status`, `redirected`, `timed_out`, `unreachable`, …"
    )
    error: str | None = Field(description="What went wrong, for people.")
    answer: str = Field(description="The beginning of the answer, up to 20 kB.")


class WebhookDelivery(BaseModel):
    """One event on its way to one address."""

    id: UUID
    endpoint_id: UUID | None = Field(description="null: the address came with the job's request.")
    url: str
    event_id: str = Field(description="The `webhook-id` of every call.")
    event_type: str
    job_id: UUID
    generator: str
    status: Status
    attempts: int
    next_attempt_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    finished_at: datetime | None


class WebhookDeliveryList(BaseModel):
    """A page of deliveries, the newest first."""

    items: list[WebhookDelivery]
    next_cursor: str | None


class WebhookDeliveryDetail(WebhookDelivery):
    """The same, with every call that was made and the body that is sent."""

    attempt_log: list[WebhookAttempt]
    body: str = Field(description="Empty once the job was deleted.")


class WebhookTest(BaseModel):
    """What happened to a sample."""

    event_id: str
    delivered: bool
    attempt: WebhookAttempt


class WebhookReplayIn(_Asked):
    """Which deliveries are to be sent again."""

    endpoint: UUID | None = Field(default=None, description="Only those of this endpoint.")
    since: AwareDatetime | None = Field(default=None, description="Only events from then on.")
    until: AwareDatetime | None = Field(default=None, description="Only events before then.")
    status: Literal["failed", "skipped", "all"] = "failed"


class WebhookReplay(BaseModel):
    """How many are on their way again."""

    replayed: int
    more: bool = Field(description="There are more than one call takes: call again.")

"""CloudEvents 1.0, structured JSON, with deterministic ids.

Source: CloudEvents 1.0.2 (attributes), its AMQP and distributed-tracing extensions.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny

from shared.clock import derived_name, id_text
from shared.events.parts import JobMessage, Message, Timestamp, built

DEFAULT_TENANT = "default"
TENANT_PATTERN = "^[A-Za-z0-9_.-]{1,64}$"
"""How tenants may be called."""


class CloudEvent(BaseModel):
    """An event or command in its envelope; `data` is one of the catalog's models."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(min_length=1, max_length=255)
    type: str
    source: str = Field(min_length=1, max_length=2048)
    subject: str | None = None
    time: Timestamp
    datacontenttype: Literal["application/json"] = "application/json"
    tenant: str = Field(default=DEFAULT_TENANT, pattern=TENANT_PATTERN)
    correlationid: str | None = Field(default=None, max_length=255)
    causationid: str | None = Field(default=None, max_length=255)
    traceparent: str | None = Field(default=None, max_length=128)
    data: SerializeAsAny[Message]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a chain of events comes from; handed on from event to event."""

    tenant: str = DEFAULT_TENANT
    correlationid: str | None = None
    causationid: str | None = None
    traceparent: str | None = None

    @classmethod
    def of(cls, event: CloudEvent) -> "Origin":
        """The origin of what `event` causes."""
        return cls(event.tenant, event.correlationid, event.id, event.traceparent)

    def as_dict(self) -> dict[str, Any]:
        """JSON, to be kept in a row."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}


def announce(
    data: Message,
    *,
    source: str,
    time: datetime,
    origin: Origin | None = None,
    event_id: UUID | str | None = None,
) -> CloudEvent:
    """Put `data` into its envelope.

    The id of a job's event is the UUIDv5 of (job id, type, attempt), so that publishing it again
    is recognisably the same event; other events need an `event_id`. Nothing is validated again:
    `data` has been, `time` is in UTC, and `origin` came with a request or an event that was.
    """
    origin = origin or _NOWHERE
    subject = None
    if isinstance(data, JobMessage):
        subject = id_text(data.job_id)
        event_id = event_id or derived_name(f"{subject}:{data.type_name}:{data.number}")
    if event_id is None:
        raise ValueError(f"{data.type_name} is not about a job: give it an event_id")
    return built(
        CloudEvent,
        {
            "specversion": "1.0",
            "id": str(event_id),
            "type": data.type_name,
            "source": source,
            "subject": subject,
            "time": time,
            "datacontenttype": "application/json",
            "tenant": origin.tenant,
            "correlationid": origin.correlationid,
            "causationid": origin.causationid,
            "traceparent": origin.traceparent,
            "data": data,
        },
    )


_NOWHERE = Origin()

"""The published language: every event and command, and the envelope they travel in.

Changes here are additive; a break is a `.v2` type beside `.v1`. The JSON Schemas in schemas/ are
generated from these models and compared in `make check`.
"""

from shared.events.catalog import ANSWERS, CATALOG, COMMANDS, EVENTS, TRANSIENT
from shared.events.codec import UndecodableMessageError, UnknownTypeError, decode, encode
from shared.events.commands import (
    Action,
    CancelMedia,
    ControlGenerators,
    RequestMedia,
    RequestSpec,
)
from shared.events.envelope import CloudEvent, Origin, announce
from shared.events.generators import GeneratorAnnounced
from shared.events.media import (
    MediaAccepted,
    MediaCanceled,
    MediaCancelRequested,
    MediaCostSettled,
    MediaDeadlineMet,
    MediaDeadlinePassed,
    MediaDeleted,
    MediaExpired,
    MediaFailed,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaNeedsReconciliation,
    MediaProgressed,
    MediaReady,
    MediaReconciled,
    MediaRejected,
    MediaRequested,
    MediaRetrying,
    MediaStarted,
)
from shared.events.parts import (
    Asset,
    Attempt,
    Deadline,
    DeletionReason,
    Failure,
    InputAsset,
    Lane,
    Message,
    Outcome,
    Resolution,
    Webhook,
)
from shared.events.routing import routing_key
from shared.events.webhooks import WebhookEndpointDisabled

__all__ = [
    "ANSWERS",
    "CATALOG",
    "COMMANDS",
    "EVENTS",
    "TRANSIENT",
    "Action",
    "Asset",
    "Attempt",
    "CancelMedia",
    "CloudEvent",
    "ControlGenerators",
    "Deadline",
    "DeletionReason",
    "Failure",
    "GeneratorAnnounced",
    "InputAsset",
    "Lane",
    "MediaAccepted",
    "MediaCancelRequested",
    "MediaCanceled",
    "MediaCostSettled",
    "MediaDeadlineMet",
    "MediaDeadlinePassed",
    "MediaDeleted",
    "MediaExpired",
    "MediaFailed",
    "MediaGenerated",
    "MediaGenerationCanceled",
    "MediaGenerationFailed",
    "MediaNeedsReconciliation",
    "MediaProgressed",
    "MediaReady",
    "MediaReconciled",
    "MediaRejected",
    "MediaRequested",
    "MediaRetrying",
    "MediaStarted",
    "Message",
    "Origin",
    "Outcome",
    "RequestMedia",
    "RequestSpec",
    "Resolution",
    "UndecodableMessageError",
    "UnknownTypeError",
    "Webhook",
    "WebhookEndpointDisabled",
    "announce",
    "decode",
    "encode",
    "routing_key",
]

"""Every type that travels, by name."""

from shared.events.commands import CancelMedia, ControlGenerators, RequestMedia
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
from shared.events.parts import Message
from shared.events.webhooks import WebhookEndpointDisabled

EVENTS: tuple[type[Message], ...] = (
    MediaRequested,
    MediaStarted,
    MediaProgressed,
    MediaRetrying,
    MediaGenerated,
    MediaGenerationFailed,
    MediaGenerationCanceled,
    MediaNeedsReconciliation,
    MediaReconciled,
    MediaCostSettled,
    MediaCancelRequested,
    MediaDeadlinePassed,
    MediaDeadlineMet,
    MediaReady,
    MediaFailed,
    MediaCanceled,
    MediaExpired,
    MediaDeleted,
    MediaRejected,
    GeneratorAnnounced,
    WebhookEndpointDisabled,
)
COMMANDS: tuple[type[Message], ...] = (RequestMedia, CancelMedia, ControlGenerators)
ANSWERS: tuple[type[Message], ...] = (MediaAccepted,)
"""To the queue that a command names in `reply_to`, and nowhere else."""
TRANSIENT: tuple[type[Message], ...] = (MediaProgressed,)
"""Events on `media.live`: not persistent, may be lost."""

CATALOG: dict[str, type[Message]] = {
    message.type_name: message for message in EVENTS + COMMANDS + ANSWERS
}

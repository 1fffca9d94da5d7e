"""From an event to the verdict that it asks for. Pure: no transaction, no clock.

An answer of a generator asks for one at once; a wish only when nobody answers it.
"""

from datetime import datetime
from typing import Any

from services.notifier.models import EndKind, FinalOutcome, PendingEnd, Verdict
from shared.events import (
    CloudEvent,
    Deadline,
    MediaCanceled,
    MediaCancelRequested,
    MediaDeadlineMet,
    MediaDeadlinePassed,
    MediaExpired,
    MediaFailed,
    MediaGenerated,
    MediaGenerationCanceled,
    MediaGenerationFailed,
    MediaReady,
    Origin,
    announce,
)
from shared.events.parts import built

SOURCE = "/darkroom/notifier"
DEADLINE_PASSED = "deadline_passed"

Answer = MediaGenerated | MediaGenerationFailed | MediaGenerationCanceled
Wish = MediaCancelRequested | MediaDeadlinePassed
Final = MediaReady | MediaFailed | MediaCanceled | MediaExpired

OUTCOME_OF: dict[type[Final], FinalOutcome] = {
    MediaReady: FinalOutcome.READY,
    MediaFailed: FinalOutcome.FAILED,
    MediaCanceled: FinalOutcome.CANCELED,
    MediaExpired: FinalOutcome.EXPIRED,
}

KIND_OF = {Deadline.START: EndKind.START, Deadline.TOTAL: EndKind.TOTAL}


def pending_end(event: CloudEvent) -> PendingEnd | None:
    """What `event` leaves pending, or makes void; None when it does neither."""
    match event.data:
        case MediaCancelRequested(job_id=job_id, generator=generator):
            return PendingEnd(job_id, EndKind.CANCEL, generator, event)
        case MediaDeadlinePassed(job_id=job_id, generator=generator, deadline=deadline):
            return PendingEnd(job_id, KIND_OF[deadline], generator, event)
        case MediaDeadlineMet(job_id=job_id, generator=generator):
            return PendingEnd(job_id, EndKind.START, generator, None)
    return None


def verdict(
    cause: CloudEvent, message: Answer | Wish, now: datetime, passed: MediaDeadlinePassed | None
) -> Verdict:
    """The verdict that `message`, the data of `cause`, asks for. `passed` is the deadline."""
    final = last_word(message, now, passed)
    return Verdict(
        job_id=message.job_id,
        generator=message.generator,
        outcome=OUTCOME_OF[type(final)],
        caused_by=cause.id,
        event=announce(final, source=SOURCE, time=now, origin=Origin.of(cause)),
    )


def last_word(
    message: Answer | Wish, now: datetime, passed: MediaDeadlinePassed | None = None
) -> Final:
    """What is said to everyone because of `message`."""
    common: dict[str, Any] = {
        "job_id": message.job_id,
        "generator": message.generator,
        "metadata": message.metadata,
        "webhook": message.webhook,
        "finished_at": now,
    }
    match message:
        case MediaGenerated():  # the nearly always: of what has been validated on its way here
            common |= {"assets": message.assets, "attempt": message.attempt}
            return built(MediaReady, common)
        case MediaGenerationFailed():
            return MediaFailed(**common, failure=message.failure, attempt=message.attempt)
        case MediaGenerationCanceled(reason=reason) if reason == DEADLINE_PASSED:
            return MediaExpired(**common, **_deadline(message, passed), attempt=message.attempt)
        case MediaGenerationCanceled():
            return MediaCanceled(**common, reason=message.reason, attempt=message.attempt)
        case MediaCancelRequested():
            return MediaCanceled(**common)
        case MediaDeadlinePassed():
            return MediaExpired(
                **common, deadline=message.deadline, deadline_at=message.deadline_at
            )


def _deadline(
    answer: MediaGenerationCanceled, passed: MediaDeadlinePassed | None
) -> dict[str, Any]:
    """Which deadline, and its moment where the api's announcement of it was heard."""
    if passed is None:
        return {"deadline": answer.deadline or Deadline.START}
    return {"deadline": passed.deadline, "deadline_at": passed.deadline_at}

"""Builders of every event and command: valid, with what matters to the test named and no more.

    an_event(a_media_generated(job_id=job_id), tenant="acme")

Each call without a `job_id` is about another job.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from shared.clock import uuid7
from shared.events import (
    CancelMedia,
    CloudEvent,
    ControlGenerators,
    GeneratorAnnounced,
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
    Message,
    Origin,
    Outcome,
    RequestMedia,
    WebhookEndpointDisabled,
    announce,
)
from shared.events.parts import JobMessage
from shared.testing.clock import MOMENT
from shared.testing.parts import a_failed_attempt, a_failure, an_asset, an_attempt, build

CARD = {"title": "Pictures that arrive"}
"""The input of a request that a test does not care about."""


def an_event(
    data: Message,
    *,
    source: str = "/tests",
    event_id: UUID | str | None = None,
    **origin: str,
) -> CloudEvent:
    """`data` in its envelope; `origin` takes tenant, correlationid, causationid, traceparent."""
    if event_id is None and not isinstance(data, JobMessage):
        event_id = uuid7()
    return announce(data, source=source, time=MOMENT, origin=Origin(**origin), event_id=event_id)


def _about_a_job(**more: Any) -> dict[str, Any]:
    return {"job_id": uuid7(), "generator": "card", **more}


def a_media_request(**changes: Any) -> RequestMedia:
    """The command for a card."""
    return build(RequestMedia, {"generator": "card", "input": CARD}, changes)


def a_media_cancel(**changes: Any) -> CancelMedia:
    """The command to stop."""
    return build(CancelMedia, {"job_id": uuid7()}, changes)


def a_control(**changes: Any) -> ControlGenerators:
    """No more cards for now."""
    return build(ControlGenerators, {"action": "pause", "generator": "card"}, changes)


def a_media_requested(**changes: Any) -> MediaRequested:
    """A card was accepted."""
    return build(MediaRequested, _about_a_job(input=CARD, requested_at=MOMENT), changes)


def a_media_started(**changes: Any) -> MediaStarted:
    """The first attempt is running."""
    attempt = an_attempt(outcome=Outcome.RUNNING, ended_at=None)
    return build(MediaStarted, _about_a_job(attempt=attempt), changes)


def a_media_progressed(**changes: Any) -> MediaProgressed:
    """Half of the first attempt is done."""
    return build(MediaProgressed, _about_a_job(attempt=1, percent=50), changes)


def a_media_retrying(**changes: Any) -> MediaRetrying:
    """The first attempt failed, a second follows in two seconds."""
    defaults = _about_a_job(
        attempt=a_failed_attempt(),
        failure=a_failure(retryable=True),
        next_attempt_at=MOMENT + timedelta(seconds=2),
    )
    return build(MediaRetrying, defaults, changes)


def a_media_cost_settled(**changes: Any) -> MediaCostSettled:
    """What the first attempt had ordered has cost four cents, although it was canceled."""
    attempt = an_attempt(outcome=Outcome.CANCELED, backend="replicate", cost=0.04)
    return build(MediaCostSettled, _about_a_job(attempt=attempt), changes)


def a_media_generated(**changes: Any) -> MediaGenerated:
    """The first attempt made one picture."""
    return build(MediaGenerated, _about_a_job(attempt=an_attempt(), assets=[an_asset()]), changes)


def a_media_generation_failed(**changes: Any) -> MediaGenerationFailed:
    """The last attempt failed."""
    defaults = _about_a_job(attempt=a_failed_attempt(), failure=a_failure())
    return build(MediaGenerationFailed, defaults, changes)


def a_media_needs_reconciliation(**changes: Any) -> MediaNeedsReconciliation:
    """A provider may have taken the first attempt's order."""
    unknown = a_failure(code="outcome_unknown", message="The answer was never heard.")
    attempt = a_failed_attempt(backend="replicate", failure=unknown)
    defaults = _about_a_job(attempt=attempt, failure=unknown, provider="replicate", since=MOMENT)
    return build(MediaNeedsReconciliation, defaults, changes)


def a_media_reconciled(**changes: Any) -> MediaReconciled:
    """Somebody has found out that the order never arrived."""
    defaults = _about_a_job(attempt=1, resolution="resubmit", reconciled_at=MOMENT)
    return build(MediaReconciled, defaults, changes)


def a_media_generation_canceled(**changes: Any) -> MediaGenerationCanceled:
    """It was stopped before the first attempt."""
    return build(MediaGenerationCanceled, _about_a_job(), changes)


def a_media_cancel_requested(**changes: Any) -> MediaCancelRequested:
    """Somebody wants it stopped."""
    return build(MediaCancelRequested, _about_a_job(requested_at=MOMENT), changes)


def a_media_deadline_passed(**changes: Any) -> MediaDeadlinePassed:
    """It should have begun by now."""
    return build(MediaDeadlinePassed, _about_a_job(deadline_at=MOMENT), changes)


def a_media_deadline_met(**changes: Any) -> MediaDeadlineMet:
    """It had begun in time."""
    return build(MediaDeadlineMet, _about_a_job(), changes)


def a_media_ready(**changes: Any) -> MediaReady:
    """One picture is there for everyone."""
    defaults = _about_a_job(assets=[an_asset()], attempt=an_attempt(), finished_at=MOMENT)
    return build(MediaReady, defaults, changes)


def a_media_failed(**changes: Any) -> MediaFailed:
    """There will be no picture."""
    defaults = _about_a_job(failure=a_failure(), attempt=a_failed_attempt(), finished_at=MOMENT)
    return build(MediaFailed, defaults, changes)


def a_media_canceled(**changes: Any) -> MediaCanceled:
    """Nobody wants the picture any more."""
    return build(MediaCanceled, _about_a_job(finished_at=MOMENT), changes)


def a_media_expired(**changes: Any) -> MediaExpired:
    """The picture did not come in time."""
    return build(MediaExpired, _about_a_job(deadline_at=MOMENT, finished_at=MOMENT), changes)


def a_media_deleted(**changes: Any) -> MediaDeleted:
    """Somebody wants it forgotten."""
    defaults = _about_a_job(reason="requested", deleted_at=MOMENT)
    return build(MediaDeleted, defaults, changes)


def a_media_rejected(**changes: Any) -> MediaRejected:
    """A command named a generator that there is not."""
    problem = {
        "type": "about:blank",
        "title": "Not found",
        "status": 404,
        "code": "not_found",
        "detail": "There is no generator 'crad'.",
    }
    defaults = {
        "command_id": str(uuid7()),
        "command_type": RequestMedia.type_name,
        "generator": "crad",
        "problem": problem,
    }
    return build(MediaRejected, defaults, changes)


def a_media_accepted(**changes: Any) -> MediaAccepted:
    """A command has become a job."""
    job_id = changes.get("job_id") or uuid7()
    path = f"/v1/media/{job_id}"
    job = {
        "id": str(job_id),
        "status": "queued",
        "generator": "card",
        "urls": {"self": path, "content": f"{path}/content", "cancel": f"{path}/cancel"},
    }
    defaults = {
        "command_id": str(uuid7()),
        "command_type": RequestMedia.type_name,
        "generator": "card",
        "job_id": job_id,
        "job": job,
    }
    return build(MediaAccepted, defaults, changes)


def a_webhook_endpoint_disabled(**changes: Any) -> WebhookEndpointDisabled:
    """A receiver has answered that it is gone."""
    defaults = {
        "endpoint_id": UUID("019ab7f0-0000-7000-8000-00000000e001"),
        "url": "https://example.org/hooks/darkroom",
        "reason": "gone",
        "disabled_at": MOMENT,
    }
    return build(WebhookEndpointDisabled, defaults, changes)


def a_generator_announced(**changes: Any) -> GeneratorAnnounced:
    """There is a generator of cards."""
    schema = {
        "type": "object",
        "properties": {"title": {"type": "string", "maxLength": 200}},
        "required": ["title"],
        "additionalProperties": False,
    }
    defaults = {
        "name": "card",
        "generator_version": "1",
        "description": "Social cards.",
        "input_schema": schema,
        "media_types": ["image/png"],
        "example": CARD,
        "announced_at": MOMENT,
    }
    return build(GeneratorAnnounced, defaults, changes)

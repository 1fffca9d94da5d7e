"""Testing tools that ship to users: for services that speak with Darkroom, and for generators.

`eventually` waits, the builders make valid events, the fakes stand in for the broker and the clock.
"""

from shared.testing.builders import (
    a_control,
    a_generator_announced,
    a_media_accepted,
    a_media_cancel,
    a_media_cancel_requested,
    a_media_canceled,
    a_media_deadline_met,
    a_media_deadline_passed,
    a_media_deleted,
    a_media_expired,
    a_media_failed,
    a_media_generated,
    a_media_generation_canceled,
    a_media_generation_failed,
    a_media_needs_reconciliation,
    a_media_progressed,
    a_media_ready,
    a_media_reconciled,
    a_media_rejected,
    a_media_request,
    a_media_requested,
    a_media_retrying,
    a_media_started,
    a_webhook_endpoint_disabled,
    an_event,
)
from shared.testing.clock import MOMENT, FixedClock
from shared.testing.eventually import eventually, eventually_sync
from shared.testing.parts import a_failed_attempt, a_failure, an_asset, an_attempt
from shared.testing.publisher import RecordingPublisher

__all__ = [
    "MOMENT",
    "FixedClock",
    "RecordingPublisher",
    "a_control",
    "a_failed_attempt",
    "a_failure",
    "a_generator_announced",
    "a_media_accepted",
    "a_media_cancel",
    "a_media_cancel_requested",
    "a_media_canceled",
    "a_media_deadline_met",
    "a_media_deadline_passed",
    "a_media_deleted",
    "a_media_expired",
    "a_media_failed",
    "a_media_generated",
    "a_media_generation_canceled",
    "a_media_generation_failed",
    "a_media_needs_reconciliation",
    "a_media_progressed",
    "a_media_ready",
    "a_media_reconciled",
    "a_media_rejected",
    "a_media_request",
    "a_media_requested",
    "a_media_retrying",
    "a_media_started",
    "a_webhook_endpoint_disabled",
    "an_asset",
    "an_attempt",
    "an_event",
    "eventually",
    "eventually_sync",
]

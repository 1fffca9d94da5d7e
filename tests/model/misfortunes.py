"""What can happen to a step, as the machine draws it."""

from datetime import datetime, timedelta
from enum import StrEnum

from services.generator.models import Cause, ClaimedJob, Result
from services.generator.runtime.setback import setback_of
from services.generator.service.verdicts import Verdicts
from shared.errors import (
    InvalidInputError,
    RateLimitedError,
    TimedOutError,
    UnknownOutcomeError,
)
from shared.testing import an_asset
from tests.model.expected import ExpectedJob


class Ending(StrEnum):
    """How the handling of a batch of deliveries ends."""

    ACKED = "acked"
    NOT_ACKED = "dies before the ack"
    NOT_COMMITTED = "dies before the commit"


class Reaper(StrEnum):
    """What those do who look after time, when time has passed."""

    ASLEEP = "nothing"
    AWAKE = "end what is over"
    DIES = "die before the commit"


class Report(StrEnum):
    """How an attempt ends."""

    GENERATED = "generated"
    LIMITED = "rate limited, not again for a minute"
    SLOW = "timed out"
    INVALID = "permanent failure"
    UNKNOWN = "nobody knows whether a provider has taken it"
    STOPPED = "stopped, whyever"


_ERRORS = {
    Report.LIMITED: RateLimitedError("Not now.", retry_after=timedelta(minutes=1)),
    Report.SLOW: TimedOutError("It took too long."),
    Report.INVALID: InvalidInputError("It does not fit."),
    Report.UNKNOWN: UnknownOutcomeError("The answer was never heard."),
}


def result_of(
    report: Report, job: ClaimedJob, verdicts: Verdicts, expected: ExpectedJob, now: datetime
) -> Result:
    """What the worker writes down; it stops for the reason there is, else because it ends."""
    if report is Report.GENERATED:
        return verdicts.generated(job, (an_asset(),))
    if report is not Report.STOPPED:
        time_left = None if expected.finish_by is None else expected.finish_by - now
        return verdicts.failed(job, setback_of(_ERRORS[report]), time_left)
    match expected.why_stopped(now):
        case Cause.CANCELED:
            return verdicts.canceled(job)
        case Cause.TOTAL:
            return verdicts.overdue(job)
    return verdicts.released(job)

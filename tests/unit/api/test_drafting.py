"""What is said of a request is put together without validating it again: it has to be valid."""

import pytest

from services.api.service.drafting import JobDrafts, RequestDefaults
from services.api.service.submission import Submission
from shared.clock import uuid7
from shared.events import MediaRequested, Origin, RequestSpec, decode, encode
from shared.testing import FixedClock

LEAST = {"generator": "card", "input": {}}
MOST = {
    "generator": "card",
    "input": {"title": "a", "list": [1, None, {"b": 0.5}]},
    "metadata": {"order": 7},
    "webhook": {"url": "https://a/b", "events": ["darkroom.media.ready.v1"]},
    "priority": "batch",
    "deadline_seconds": 5,
    "expires_in": 60,
    "attempt_timeout_seconds": 60,
    "total_timeout_seconds": 600,
    "max_attempts": 3,
}


@pytest.mark.parametrize("asked", [LEAST, MOST])
def test_the_event_is_as_it_would_be_when_validated(asked: dict[str, object]) -> None:
    drafts = JobDrafts(FixedClock(), uuid7, RequestDefaults())
    origin = Origin("default", None, "cause", "00-" + "a" * 32 + "-" + "b" * 16 + "-01")
    spec = RequestSpec.model_validate(asked)

    drafted = drafts.draft(Submission(spec, origin, retried_from=uuid7()))

    event, data = drafted.requested, drafted.requested.data
    assert list(data.__dict__) == list(MediaRequested.model_fields)
    assert MediaRequested.model_validate(data.model_dump()) == data
    assert decode(encode(event)).data == data
    assert (event.correlationid, event.causationid) == (str(drafted.job.id), "cause")
    assert event.traceparent == origin.traceparent

"""Jobs in hand, as tests of the service layer need them."""

from typing import Any

from services.generator.models import Brief, ClaimedJob, NewJob
from shared.clock import uuid7
from shared.events import Lane
from shared.testing import MOMENT


def a_claimed_job(**changes: Any) -> ClaimedJob:
    """The first attempt of a job for `noop`."""
    fields: dict[str, Any] = {
        "id": uuid7(),
        "tenant": "default",
        "generator": "noop",
        "lane": Lane.INTERACTIVE,
        "input": {},
        "brief": Brief({"order": 7}),
        "attempt": 1,
        "max_attempts": 5,
        "fence": 1,
        "started_at": MOMENT,
        "waited": 0.1,
    }
    return ClaimedJob(**{**fields, **changes})


def a_new_job(**changes: Any) -> NewJob:
    """A request for `noop`, just come in."""
    fields: dict[str, Any] = {
        "id": uuid7(),
        "tenant": "default",
        "generator": "noop",
        "lane": Lane.INTERACTIVE,
        "input": {},
        "brief": Brief({"order": 7}),
        "max_attempts": 5,
        "requested_at": MOMENT,
        "deadline_at": None,
    }
    return NewJob(**{**fields, **changes})

"""The limits of one request: they go with the job, into its event, and into its fingerprint."""

from datetime import timedelta
from typing import Any

import pytest

from services.api.service import ApiServices
from services.api.service.submission import Submission
from shared.clock import uuid7
from shared.events import MediaRequested, Origin, RequestSpec
from shared.testing import FixedClock
from tests.unit.api.builders import a_submission
from tests.unit.api.fakes import FakeDatabase

LIMITS: dict[str, Any] = {
    "attempt_timeout_seconds": 30,
    "total_timeout_seconds": 600,
    "max_attempts": 1,
}


async def test_what_is_asked_for_is_kept_and_said(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    accepted = await services.requests.submit(a_submission(**LIMITS))

    job = database.tables.jobs[accepted.job.id]
    [event] = database.tables.outbox
    assert isinstance(event.data, MediaRequested)
    assert (job.attempt_timeout_seconds, event.data.attempt_timeout_seconds) == (30, 30)
    assert (job.max_attempts, event.data.max_attempts) == (1, 1)
    assert job.finish_by == event.data.finish_by == clock.now() + timedelta(seconds=600)


async def test_every_job_ends_within_a_week_unless_it_says_otherwise(
    services: ApiServices, database: FakeDatabase, clock: FixedClock
) -> None:
    accepted = await services.requests.submit(a_submission())

    job = database.tables.jobs[accepted.job.id]
    assert job.finish_by == clock.now() + timedelta(days=7)
    assert (job.total_timeout_seconds, job.attempt_timeout_seconds) == (None, None)
    assert job.max_attempts == 5


FULL = {
    "generator": "card",
    "input": {"title": "Old", "n": [1, {"a": None}]},
    "metadata": {"order": 7},
    "webhook": {"url": "https://a.example", "events": ["media.ready"]},
    "priority": "batch",
    "deadline_seconds": 60,
    "expires_in": 3600,
}


@pytest.mark.parametrize(
    ("spec", "fingerprint"),
    [
        (FULL, "f88096ec47130cd05da9770887c1b60ba6a939e5e159b908967eb3d2ae49245b"),
        (
            {"generator": "card", "input": {"title": "Pictures that arrive"}},
            "0fd474678859fb82fc198434d542456678cf8d2bf0f5d786e9c66dee515fe340",
        ),
    ],
)
def test_keys_that_an_earlier_version_wrote_still_fit(
    spec: dict[str, Any], fingerprint: str
) -> None:
    submission = Submission(RequestSpec.model_validate(spec), Origin(), "k")

    assert submission.fingerprint() == fingerprint


def test_another_limit_is_another_request() -> None:
    plain = a_submission("k")
    limited = [a_submission("k", **{name: value}) for name, value in LIMITS.items()]
    retries = [Submission(plain.spec, plain.origin, "k", uuid7()) for _ in range(2)]

    everyone = [plain, *limited, *retries]

    assert len({one.fingerprint() for one in everyone}) == len(everyone)


@pytest.mark.parametrize(
    "wrong",
    [
        {"attempt_timeout_seconds": 0},
        {"attempt_timeout_seconds": 86_401},
        {"total_timeout_seconds": 2_592_001},
        {"max_attempts": 0},
        {"max_attempts": 21},
    ],
)
def test_limits_have_limits(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        a_submission(**wrong)

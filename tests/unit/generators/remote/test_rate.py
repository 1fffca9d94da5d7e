"""Orders a minute, and what a server says of waiting."""

from datetime import UTC, datetime, timedelta

import pytest

from services.generator.generators.remote.errors import NoRoomError
from services.generator.generators.remote.rate import TokenBucket
from services.generator.generators.remote.retry_after import retry_after
from tests.unit.generators.remote.test_breaker import Clock

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_burst_passes_and_then_each_waits_its_turn() -> None:
    clock = Clock()
    bucket = TokenBucket("p", 60, clock)
    waits = [bucket.take().total_seconds() for _ in range(12)]
    assert waits == [0] * 10 + [1, 2]
    clock.now += 12
    assert bucket.take() == timedelta(0)


def test_who_would_wait_too_long_is_sent_back_and_takes_no_turn() -> None:
    clock = Clock()
    bucket = TokenBucket("p", 6, clock)
    bucket.take()
    bucket.take()
    for _ in range(2):
        with pytest.raises(NoRoomError) as refusal:
            bucket.take()
        assert refusal.value.retry_after == timedelta(seconds=20)


def test_without_a_limit_all_pass_until_the_provider_says_wait() -> None:
    clock = Clock()
    bucket = TokenBucket("p", None, clock)
    assert {bucket.take() for _ in range(1000)} == {timedelta(0)}
    bucket.close(timedelta(seconds=5))
    assert bucket.take() == timedelta(seconds=5)
    clock.now += 6
    assert bucket.take() == timedelta(0)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7),
        ("0.5", 0.5),
        ("-3", 0),
        ("999999", 3600),
        ("1e400", None),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60),
        ("Thu, 01 Jan 2026 00:01:00", 60),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0),
        ("soon", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    wait = retry_after(header, NOW)
    assert wait == (None if seconds is None else timedelta(seconds=seconds))

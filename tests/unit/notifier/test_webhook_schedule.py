"""Calls that fail are made again by the schedule, and no sooner than the receiver asks."""

from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from services.notifier.service.webhooks.schedule import LONGEST, Schedule, retry_after
from services.notifier.settings import NotifierSettings
from shared.testing import a_media_generated
from tests.unit.notifier.harness import Notifier

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def settings(**told: str) -> NotifierSettings:
    urls = {"database_url": "postgresql://d", "rabbitmq_url": "amqp://b"}
    return NotifierSettings.model_validate(urls | told)


def test_the_schedule_is_that_of_the_field() -> None:
    schedule = Schedule(settings().webhook_pauses, lambda: 0.0)
    pauses = [schedule.pause_after(tries) for tries in range(1, 11)]
    seconds = [5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400]
    assert pauses == [*(timedelta(seconds=one) for one in seconds), None]


def test_what_failed_together_does_not_come_back_together() -> None:
    pauses = [timedelta(0), timedelta(seconds=10)]
    assert Schedule(pauses, lambda: 1.0).pause_after(1) == timedelta(seconds=12)
    assert Schedule(pauses, lambda: 0.5).pause_after(1) == timedelta(seconds=11)


def test_the_receiver_may_ask_for_more_time_but_not_for_ever() -> None:
    schedule = Schedule([timedelta(0), timedelta(seconds=10)], lambda: 0.0)
    assert schedule.pause_after(1, timedelta(seconds=3)) == timedelta(seconds=10)
    assert schedule.pause_after(1, timedelta(minutes=3)) == timedelta(minutes=3)
    assert schedule.pause_after(1, timedelta(days=300)) == LONGEST


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (None, None),
        ("7", timedelta(seconds=7)),
        ("-7", timedelta(0)),
        ("Thu, 01 Jan 2026 00:01:00 GMT", timedelta(minutes=1)),
        ("Wed, 31 Dec 2025 00:00:00 -0000", timedelta(0)),
        ("soon", None),
        ("nan", None),
        ("1e400", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said: str | None, meant: timedelta | None) -> None:
    assert retry_after(said, NOW) == meant


@pytest.mark.parametrize(
    "told",
    [
        {"webhook_schedule": "now"},
        {"webhook_schedule": "-1"},
        {"webhook_ports": "http"},
        {"webhook_ports": "0"},
        {"webhook_ports": "90-80"},
        {"webhook_ports": "1-70000"},
    ],
)
def test_settings_that_mean_nothing_are_refused(told: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        settings(**told)


def test_settings_are_lists() -> None:
    told = settings(webhook_ports="443,8000-8001", webhook_allowed_hosts="a.internal, *.b")
    assert [list(one) for one in told.webhook_port_ranges] == [[443], [8000, 8001]]
    assert told.webhook_hosts == ("a.internal", "*.b")


async def test_what_is_due_is_written_with_the_verdict_and_nothing_where_nobody_listens() -> None:
    notifier = Notifier()
    await notifier.hear(a_media_generated())
    assert not notifier.deliveries.added
    assert notifier.works[-1].is_alone
    notifier.webhooks.wants = True
    await notifier.hear(a_media_generated())
    assert len(notifier.deliveries.added) == notifier.webhooks.woken == 1
    assert not notifier.works[-1].is_alone, "the verdict and what is due are one transaction"

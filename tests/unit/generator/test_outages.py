"""After an outage holders of leases get the time to renew them."""

from datetime import timedelta

import pytest

from services.generator.service.outages import Outages
from shared.errors import RetryableError


class Bench:
    """An observer with five seconds of patience."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.outages = Outages(timedelta(seconds=5), lambda: self.seconds)

    async def use(self, error: Exception | None = None) -> None:
        async with self.outages.watching():
            if error is not None:
                raise error

    async def is_away(self) -> None:
        with pytest.raises(RetryableError):
            await self.use(RetryableError("away"))


async def test_as_long_as_the_database_is_there_nothing_is_waited_for() -> None:
    bench = Bench()

    await bench.use()

    assert bench.outages.over


async def test_while_it_is_away_nobody_is_called_lost() -> None:
    bench = Bench()
    await bench.is_away()
    bench.seconds = 1000

    assert not bench.outages.over


async def test_when_it_is_back_there_is_time_to_renew() -> None:
    bench = Bench()
    await bench.is_away()
    bench.seconds = 60
    await bench.use()

    bench.seconds = 64.9
    await bench.use()
    assert not bench.outages.over
    bench.seconds = 65
    assert bench.outages.over


async def test_a_bug_is_no_outage() -> None:
    bench = Bench()
    with pytest.raises(KeyError):
        await bench.use(KeyError("colour"))

    assert bench.outages.over

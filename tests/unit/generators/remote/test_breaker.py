"""A provider that keeps failing is left alone, then tried once."""

from datetime import timedelta

import pytest

from services.generator.generators.remote.breaker import CircuitBreaker, State
from services.generator.generators.remote.errors import CircuitOpenError


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker("p", failures=3, rest=timedelta(seconds=30), clock=clock)


def fail(breaker: CircuitBreaker, times: int) -> None:
    for _ in range(times):
        breaker.enter()
        breaker.failed()


def test_failures_in_a_row_open_it_and_success_in_between_does_not(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    breaker.enter()
    breaker.succeeded()
    fail(breaker, 2)
    before = breaker.state
    fail(breaker, 1)
    assert (before, breaker.state) == (State.CLOSED, State.OPEN)


def test_while_it_is_open_it_says_how_long(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.trip()
    clock.now += 10
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.enter()
    assert refusal.value.retry_after == timedelta(seconds=20)


def test_after_its_rest_one_may_try(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.trip()
    clock.now += 30
    before = breaker.state
    breaker.enter()
    with pytest.raises(CircuitOpenError):
        breaker.enter()
    breaker.succeeded()
    assert (before, breaker.state) == (State.HALF_OPEN, State.CLOSED)
    breaker.enter()


def test_a_try_that_fails_opens_it_again(breaker: CircuitBreaker, clock: Clock) -> None:
    breaker.trip()
    clock.now += 30
    fail(breaker, 1)
    assert breaker.state is State.OPEN


def test_a_try_that_finds_out_nothing_lets_another_try(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    breaker.trip()
    clock.now += 30
    breaker.enter()
    breaker.left()
    breaker.enter()

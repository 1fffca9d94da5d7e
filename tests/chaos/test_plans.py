"""The same seed, the same run: plans are decided before anything starts."""

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tests.chaos.options import GENERATORS, LEASE_SECONDS, Options
from tests.chaos.orders import Door, order_plan
from tests.chaos.plan import Fault, Kind, fault_plan, load_seconds

SEVEN = Options(jobs=500, faults=40, seed=7)


def test_a_seed_decides_everything() -> None:
    assert fault_plan(SEVEN) == fault_plan(Options(jobs=500, faults=40, seed=7))
    assert order_plan(SEVEN, 60) == order_plan(Options(jobs=500, faults=40, seed=7), 60)
    assert fault_plan(SEVEN) != fault_plan(Options(jobs=500, faults=40, seed=8))
    assert order_plan(SEVEN, 60) != order_plan(Options(jobs=500, faults=40, seed=8), 60)


def test_every_kind_of_fault_comes_before_any_comes_too_often() -> None:
    default = Options()
    kinds = Counter(fault.kind for fault in fault_plan(default))
    assert kinds.keys() == set(Kind)
    assert max(kinds.values()) <= 6


def test_faults_come_in_order_and_some_overlap() -> None:
    faults = fault_plan(SEVEN)
    assert [fault.number for fault in faults] == list(range(1, 41))
    assert faults == sorted(faults, key=lambda fault: fault.at)
    assert _overlaps(faults)


def test_a_generator_is_paused_for_longer_than_its_lease() -> None:
    paused = [f for f in fault_plan(SEVEN) if f.kind is Kind.PAUSE_PAST_LEASE]
    assert paused
    assert all(fault.seconds > LEASE_SECONDS for fault in paused)
    assert all(fault.target.startswith("generator-") for fault in paused)


def test_orders_come_while_things_are_broken() -> None:
    faults = fault_plan(SEVEN)
    seconds = load_seconds(faults, SEVEN.jobs)
    orders = order_plan(SEVEN, seconds)
    assert orders[0].at < faults[0].at
    assert orders[-1].at > faults[-1].at - 5
    many = Options(jobs=10_000, faults=100, seed=7)
    spread = fault_plan(many)
    assert spread[-1].at > 0.9 * load_seconds(spread, many.jobs)
    assert _overlaps(spread)


def test_there_is_something_of_everything_among_the_orders() -> None:
    orders = order_plan(SEVEN, 60)
    assert len(orders) == 500
    assert len({order.key for order in orders}) == 500
    assert {order.door for order in orders} == set(Door)
    many = order_plan(replace(SEVEN, jobs=5000), 60)
    assert {order.spec["generator"] for order in many} == set(GENERATORS)
    assert any(order.twice for order in orders)
    assert any(order.cancel_after is not None for order in orders)
    assert any(not order.valid for order in orders)
    assert {"deadline_seconds", "total_timeout_seconds", "attempt_timeout_seconds"} <= {
        name for order in orders for name in order.spec
    }


def test_only_what_was_asked_for_explains_an_end() -> None:
    orders = order_plan(SEVEN, 60)
    for order in orders:
        assert ("canceled" in order.may_end) == (order.cancel_after is not None)
        assert {"ready", "failed"} <= order.may_end


def _overlaps(faults: Sequence[Fault]) -> bool:
    pairs = itertools.pairwise(faults)
    return any(after.at < before.at + before.seconds for before, after in pairs)

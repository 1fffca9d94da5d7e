"""Counting to the end, sizes of rounds, what a job costs."""

import asyncio

import pytest

from tests.benchmarks.__main__ import main
from tests.benchmarks.client.plans import Kind, Plan
from tests.benchmarks.client.requests import posts, unique
from tests.benchmarks.client.run import plan_from
from tests.benchmarks.errors import BenchmarkError
from tests.benchmarks.measuring import cost, difference, sized, until_count
from tests.benchmarks.roster import SYSTEMS, chosen
from tests.benchmarks.stored import Column, copy_statement, job_column_of
from tests.benchmarks.system import UNIQUE, HttpDoor


async def test_the_end_is_seen_soon_after_it_came() -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()

    async def count() -> int:
        return int((loop.time() - began) * 1000)

    await until_count(count, target=100, rate=1000.0)

    assert 0.1 <= loop.time() - began < 0.3


def test_a_round_is_sized_by_time_or_by_order() -> None:
    plan = Plan(Kind.CLOSED)

    assert sized(plan, rate=250, seconds=8, jobs=None).jobs == 2000
    assert sized(plan, rate=250, seconds=8, jobs=30).jobs == 30
    assert sized(plan, rate=1, seconds=1, jobs=None).jobs == 100


def test_a_door_for_hundreds_takes_hundreds() -> None:
    plan = Plan(Kind.CLOSED, http=HttpDoor("http://h:1", "/batch", ["{}"], jobs_per_call=100))

    assert sized(plan, rate=250, seconds=8, jobs=250).jobs == 300


def test_cost_is_in_milliseconds_a_job() -> None:
    used = difference({"api": 1.0}, {"api": 3.0, "postgres": 2.0})

    assert cost(used, 1000) == {"cpu": 4.0, "cpu/api": 2.0, "cpu/postgres": 2.0}


def test_every_request_that_asks_for_it_is_another() -> None:
    door = HttpDoor("http://h:1", "/jobs", [f'{{"id": "{UNIQUE}", "again": "{UNIQUE}"}}'])
    requests = posts(door)

    assert len({next(requests), next(requests)}) == 2
    assert UNIQUE not in unique(door.bodies[0])


def test_bodies_are_sent_in_turn() -> None:
    requests = posts(HttpDoor("http://h:1", "/jobs", ["1", "22"]))

    assert [next(requests)[-2:] for _ in range(3)] == [b"\n1", b"22", b"\n1"]


def test_a_plan_survives_its_journey() -> None:
    door = {"url": "u", "path": "p", "bodies": ["b"]}

    plan = plan_from({"kind": "open", "http": door, "amqp": None, "rate": 5.0})

    assert plan == Plan(Kind.OPEN, http=HttpDoor("u", "p", ["b"]), rate=5.0)


def test_every_system_has_a_name_and_says_what_it_promises() -> None:
    assert len({system.name for system in SYSTEMS}) == len(SYSTEMS)
    assert all(len(system.guarantees) > 40 for system in SYSTEMS)
    assert [system.name for system in chosen(("floor", "darkroom"))] == ["darkroom", "floor"]
    with pytest.raises(BenchmarkError, match="no system is called nobody; there are darkroom"):
        chosen(("nobody",))


def test_copies_differ_where_an_index_demands_it() -> None:
    columns = [
        Column("job_id", "uuid", is_unique=True),
        Column("number", "integer", is_unique=True),
        Column("event_id", "character varying", is_unique=True),
        Column("body", "jsonb", is_unique=False),
    ]
    statement = copy_statement("job_event", columns, "job_id")

    assert 'gen_random_uuid()::text, pattern."body"' in statement
    assert 'pattern."number"' in statement
    assert job_column_of("job_event", columns) == "job_id"
    assert job_column_of("control", columns[1:]) is None


def test_nothing_is_told_of_what_was_not_measured(
    tmp_path: object, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["scale", "--redraw", "--results", str(tmp_path)]) == 1
    assert "run this benchmark first" in capsys.readouterr().err

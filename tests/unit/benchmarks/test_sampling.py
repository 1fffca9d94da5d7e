"""Stacks are sorted into rooms, and tell where a job's CPU goes."""

import pytest

from tests.benchmarks.report import profile
from tests.benchmarks.report.result import Result, Series
from tests.benchmarks.sampling import OTHER, room_of, shares


@pytest.mark.parametrize(
    ("stack", "room"),
    [
        ("run (uvloop/__init__.py:9);take (services/api/routes/requesting.py:60)", "HTTP"),
        ("run (uvloop/__init__.py:9)", "event loop"),
        ("add (services/api/repository/jobs.py:5);dumps (json/__init__.py:9)", "statements"),
        ("add (services/api/repository/jobs.py:5);fetch (asyncpg/stmt.py:7)", "driver"),
        ("draft (services/api/service/drafting.py:5);__init__ (<string>:2)", "use cases"),
        ("<module> (somebody/else.py:1)", OTHER),
    ],
)
def test_the_innermost_frame_that_is_anybodys_counts(stack: str, room: str) -> None:
    assert room_of(stack.split(";")) == room


def test_rooms_have_shares_of_what_was_seen() -> None:
    found = shares(["run (x.py:9);a (services/api/x.py:1) 3", "b (uvicorn/x.py:1) 1"])
    assert found == {"use cases": 0.75, "HTTP": 0.25}


def test_the_table_has_a_row_for_each_room_and_says_what_the_servers_took() -> None:
    numbers = {"cpu": 0.5, "api/HTTP": 60.0, "generator/driver": 20.0, "rabbitmq": 150.0}
    numbers |= {"postgres/api": 90.0, "postgres/itself": 5.0, "commits": 0.2, "wal_bytes": 6000.0}
    table = profile.table(Result("profile", {"single": Series("one a POST", [numbers])}))

    assert table.rows == [
        ["HTTP", "60", "–", "–"],
        ["driver", "–", "20", "–"],
        ["all", "60", "20", "0"],
    ]
    assert "RabbitMQ 150 µs; Postgres 95 µs" in table.notes[0]
    assert "0.20 transactions and 6,000 bytes" in table.notes[0]

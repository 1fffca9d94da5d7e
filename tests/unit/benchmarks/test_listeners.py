"""What listeners cost, as it is heard and told."""

import time
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from tests.benchmarks.client.streams import Delays
from tests.benchmarks.report import listeners
from tests.benchmarks.report.result import Result, Series


def numbers(p99: float, **more: float) -> dict[str, float]:
    return {"accept/p50": 1.0, "accept/p95": 5.0, "accept/p99": p99, "cpu/api": 0.2, **more}


@pytest.fixture
def result() -> Result:
    heard = {"memory": 30.0, "rate": 500.0, "heard/p50": 60.0, "heard/p95": 110.0}
    job = {"cpu": 0.7, "cpu/postgres": 0.2}
    return Result(
        "listeners",
        {
            "without": Series("nobody listens", [numbers(10.0), numbers(10.0)]),
            "with": Series("1,000", [numbers(9.0, **heard), numbers(12.0, **heard)]),
            "index": Series("with", [job]),
            "no_index": Series("without", [job]),
        },
    )


def test_the_table_says_what_they_cost_beside_the_goals(result: Result) -> None:
    table = listeners.table(result)
    assert [row[3] for row in table.rows] == ["10.0", "10.5"]
    assert "1.05 times" in table.notes[0]
    assert "0.90 to 1.20" in table.notes[0]
    assert "30.0 MiB (goal: 100)" in table.notes[2]


def test_the_plot_is_drawn(result: Result, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    listeners.plot(result, tmp_path / "listeners.png")
    assert (tmp_path / "listeners.png").read_bytes().startswith(b"\x89PNG")


def test_a_delay_is_from_when_an_event_was_made_whatever_parts_it_comes_in() -> None:
    delays = Delays()
    made = datetime.fromtimestamp(time.time() - 2, UTC)
    line = b"id: x\ndata: " + orjson.dumps({"time": made.isoformat()}) + b"\n\n"
    delays.hear(line[:20])
    delays.hear(line[20:])
    [seconds] = delays.seconds
    assert 2 <= seconds < 10

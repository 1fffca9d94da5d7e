"""CPU of process trees: nobody's is lost, nobody's is counted twice, nobody else's at all."""

import multiprocessing
import os
import time
from pathlib import Path

import pytest

from tests.benchmarks.usage import cpu_seconds, memory_mib, parse_stat

TICKS = os.sysconf("SC_CLK_TCK")


def a_process(
    proc: Path, pid: int, *, parent: int = 1, session: int = 1, seconds: float = 0, ended: float = 0
) -> None:
    """`seconds` of its own, half of it in the kernel; `ended` of children that it waited for."""
    half = int(seconds * TICKS / 2)
    times = f"{half} {half} {int(ended * TICKS)} 0"
    (proc / str(pid)).mkdir()
    line = f"{pid} (a (weird) name) S {parent} {pid} {session} 0 -1 0 1 2 3 4 {times} 20 0 1 0 55"
    (proc / str(pid) / "stat").write_text(line)
    (proc / str(pid) / "smaps_rollup").write_text("Rss: 9999 kB\nPss:  2048 kB\n")


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    """A service with a child and a grandchild whose parent has ended, and a stranger."""
    a_process(tmp_path, 10, session=10, seconds=1, ended=4)
    a_process(tmp_path, 11, parent=10, session=10, seconds=2)
    a_process(tmp_path, 12, parent=1, session=10, seconds=8)
    a_process(tmp_path, 20, session=20, seconds=64)
    (tmp_path / "meminfo").write_text("")
    return tmp_path


def test_a_name_may_hold_anything() -> None:
    process = parse_stat(f"7 (x) y) (z) R 3 7 5 0 -1 0 1 2 3 4 {TICKS} 0 0 0 20 0 1 0 55")

    assert (process.pid, process.parent, process.session, process.seconds) == (7, 3, 5, 1.0)


def test_children_ended_ones_and_orphans_of_the_session_are_counted_once(proc: Path) -> None:
    assert cpu_seconds({"api": [10]}, proc) == {"api": 15.0}


def test_a_child_among_the_roots_is_not_counted_twice(proc: Path) -> None:
    assert cpu_seconds({"api": [10, 11]}, proc) == {"api": 15.0}


def test_parts_are_apart_and_who_ended_is_nothing(proc: Path) -> None:
    assert cpu_seconds({"api": [10], "other": [20], "gone": [99]}, proc) == {
        "api": 15.0,
        "other": 64.0,
        "gone": 0.0,
    }


def test_memory_is_the_proportional_share(proc: Path) -> None:
    assert memory_mib({"api": [10]}, proc) == {"api": 6.0}


def _burn(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def test_what_a_child_has_used_stays_when_it_has_ended() -> None:
    own = {"this": [os.getpid()]}
    before = cpu_seconds(own)["this"]
    child = multiprocessing.get_context("fork").Process(target=_burn, args=(0.1,))
    child.start()
    child.join()

    assert cpu_seconds(own)["this"] - before >= 0.08

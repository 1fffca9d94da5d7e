"""Processes that are kept running, and end when they should, on real ones that do nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psutil
import pytest

from deploy.local.process import ProcessSpec, spawn
from deploy.local.process_record import ProcessRecord
from deploy.local.supervisor import Supervisor
from shared.testing.eventually import eventually_sync

IDLE = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    """
import signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print('up', flush=True)
while True:
    signal.pause()
""",
]


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def record(tmp_path: Path) -> ProcessRecord:
    return ProcessRecord(tmp_path / "processes.json")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(record: ProcessRecord, clock: Clock, said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(record, said.append, clock=clock, own_pid=os.getpid())
    yield supervisor
    clock.now += 1e6  # no grace any more
    supervisor.stop_all()


def _spec(tmp_path: Path, name: str = "idle", command: list[str] = IDLE) -> ProcessSpec:
    return ProcessSpec(name, command, tmp_path / f"{name}.log", grace=timedelta(seconds=5))


def _kill(supervisor: Supervisor, name: str = "idle") -> int:
    pid = supervisor.pid(name)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    eventually_sync(lambda: _assert_dead(supervisor, name))
    return pid


def _assert_dead(supervisor: Supervisor, name: str) -> None:
    assert not supervisor.is_alive(name)


def _wait_until_up(log: Path) -> None:
    def up() -> None:
        assert "up" in log.read_text()

    eventually_sync(up)


def test_a_dead_process_is_started_again(
    supervisor: Supervisor, clock: Clock, tmp_path: Path, record: ProcessRecord
) -> None:
    supervisor.launch(_spec(tmp_path))
    former = _kill(supervisor)
    assert not supervisor.tend(), "not at once"
    clock.now += 0.25
    assert supervisor.tend()
    assert supervisor.is_alive("idle")
    assert supervisor.pid("idle") != former
    assert record.running()["idle"].pid == supervisor.pid("idle")


def test_one_that_keeps_dying_waits_longer_each_time_up_to_a_limit(
    supervisor: Supervisor, clock: Clock, tmp_path: Path, said: list[str]
) -> None:
    supervisor.launch(_spec(tmp_path))
    for _ in range(8):
        _kill(supervisor)
        supervisor.tend()
        clock.now += 10
        supervisor.tend()
    delays = [line.rpartition(" in ")[2] for line in said if "starting again" in line]
    assert delays == ["0.25 s", "0.5 s", "1 s", "2 s", "4 s", "8 s", "10 s", "10 s"]


def test_the_limit_of_waiting_can_be_shorter(
    record: ProcessRecord, clock: Clock, tmp_path: Path, said: list[str]
) -> None:
    limit = timedelta(seconds=1)
    supervisor = Supervisor(
        record, said.append, clock=clock, own_pid=os.getpid(), longest_delay=limit
    )
    supervisor.launch(_spec(tmp_path, command=["false"]))
    for _ in range(4):
        eventually_sync(lambda: _assert_dead(supervisor, "idle"))
        supervisor.tend()
        clock.now += 1
        supervisor.tend()
    delays = [line.rpartition(" in ")[2] for line in said if "starting again" in line]
    assert delays == ["0.25 s", "0.5 s", "1 s", "1 s"]
    supervisor.stop_all()


def test_one_that_was_stable_is_forgiven(
    supervisor: Supervisor, clock: Clock, tmp_path: Path, said: list[str]
) -> None:
    supervisor.launch(_spec(tmp_path))
    for _ in range(2):
        clock.now += 60
        _kill(supervisor)
        supervisor.tend()
        clock.now += 1
        supervisor.tend()
    assert sum("starting again in 0.25 s" in line for line in said) == 2


def test_a_stopped_process_stays_stopped(
    supervisor: Supervisor, clock: Clock, tmp_path: Path
) -> None:
    supervisor.launch(_spec(tmp_path))
    supervisor.launch(_spec(tmp_path, "other"))
    supervisor.stop(["idle"])
    clock.now += 60
    assert not supervisor.tend()
    assert supervisor.pid("idle") is None
    assert supervisor.is_alive("other")


def test_one_that_does_not_listen_is_killed_after_its_grace_time(
    supervisor: Supervisor, clock: Clock, tmp_path: Path, said: list[str]
) -> None:
    supervisor.launch(_spec(tmp_path, "stubborn", STUBBORN))
    _wait_until_up(tmp_path / "stubborn.log")
    pid = supervisor.pid("stubborn")
    assert pid is not None
    process = psutil.Process(pid)

    class Passing(Clock):
        def __call__(self) -> float:
            self.now += 10
            return self.now

    supervisor._clock = Passing()
    supervisor.stop(["stubborn"])
    assert not process.is_running()
    assert said == ["stubborn: did not stop in its grace time and is killed"]


def test_what_a_dead_process_had_started_dies_too(supervisor: Supervisor, tmp_path: Path) -> None:
    script = f"import subprocess, sys; subprocess.run({IDLE!r})"
    supervisor.launch(_spec(tmp_path, command=[sys.executable, "-c", script]))
    _wait_until_up(tmp_path / "idle.log")
    pid = supervisor.pid("idle")
    assert pid is not None
    [grandchild] = psutil.Process(pid).children()
    _kill(supervisor)
    supervisor.tend()
    psutil.wait_procs([grandchild], timeout=10)
    assert not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE


def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    script = f"""
from deploy.local.process import ProcessSpec, spawn
from pathlib import Path
print(spawn(ProcessSpec("idle", {IDLE!r}, Path({str(tmp_path / "log")!r}))).wait())
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    _wait_for_file(tmp_path / "log")
    _wait_until_up(tmp_path / "log")
    [child] = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_what_a_former_stack_left_is_swept(tmp_path: Path, record: ProcessRecord) -> None:
    left = spawn(_spec(tmp_path))
    record.write({"idle": left.pid})
    assert record.sweep() == ["idle"]
    left.wait()
    assert not psutil.pid_exists(left.pid)
    assert record.sweep() == []


def test_a_process_that_only_has_the_same_number_is_not_swept(
    tmp_path: Path, record: ProcessRecord
) -> None:
    (tmp_path / "processes.json").write_text(f'{{"idle": [{os.getppid()}, "long ago"]}}')
    assert record.running() == {}
    assert record.sweep() == []


def _wait_for_file(path: Path) -> None:
    def there() -> None:
        assert path.exists()

    eventually_sync(there)

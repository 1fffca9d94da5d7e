"""Child processes: warm, bounded, without network or secrets, and never a danger to the worker."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
import uvloop

from services.generator.errors import ChildDiedError, FailureClass
from services.generator.runtime.pool import ChildPool
from services.generator.runtime.setback import AttemptFailedError
from services.generator.runtime.task import GenerationTask
from shared.errors import TimedOutError
from shared.generators import Bill, Limits
from shared.generators.context import Report, unreported
from shared.testing import eventually, eventually_sync
from tests.integration.generator.misbehaving import MisbehavingGenerator

SOON = timedelta(milliseconds=300)


@pytest.fixture
async def pool(tmp_path: Path) -> AsyncIterator[ChildPool]:
    pool = ChildPool(idle_limit=2, folder=tmp_path)
    yield pool
    await pool.stop()


class Bench:
    """Runs tasks on a pool and reads what they found out."""

    def __init__(self, pool: ChildPool, folder: Path) -> None:
        self._pool = pool
        self._folder = folder
        self._number = 0

    async def __call__(
        self, do: str, report: Report = unreported, limits: Limits | None = None, **more: object
    ) -> str:
        self._number += 1
        scratch = self._folder / str(self._number)
        scratch.mkdir()
        task = GenerationTask(
            generator=MisbehavingGenerator,
            job_id=UUID(int=self._number),
            attempt=1,
            seed=7,
            input={"do": do, **more},
            scratch=lambda: scratch,
            limits=limits or Limits(),
        )
        self.bill = task.bill
        [file] = await self._pool.generate(task, report)
        return file.path.read_text()


@pytest.fixture
def bench(pool: ChildPool, tmp_path: Path) -> Bench:
    return Bench(pool, tmp_path)


async def test_a_child_says_what_it_owes_whether_or_not_it_has_made_anything(bench: Bench) -> None:
    await bench("charge")
    assert bench.bill == Bill("dear", 0.25)

    with pytest.raises(AttemptFailedError) as failed:
        await bench("charge_and_fail")
    assert bench.bill == Bill("dear", 0.5)
    assert failed.value.setback.kind is FailureClass.UNKNOWN

    await bench("nothing")
    assert bench.bill == Bill()


async def test_a_child_is_used_again(bench: Bench) -> None:
    first = await bench("pid")

    assert first == await bench("pid")
    assert int(first) != os.getpid()


async def test_children_work_at_the_same_time(bench: Bench) -> None:
    pids = await asyncio.gather(bench("pid"), bench("pid"), bench("pid"))

    assert len(set(pids)) == 3


async def test_no_more_than_the_idle_limit_are_kept_warm(bench: Bench, pool: ChildPool) -> None:
    await asyncio.gather(bench("pid"), bench("pid"), bench("pid"))

    assert len(pool.idle_pids) == 2


async def test_children_that_wait_make_room_for_those_that_work(tmp_path: Path) -> None:
    keeps = Limits(resident_bytes=100)
    pool = ChildPool(idle_limit=4, folder=tmp_path, memory=250)
    bench = Bench(pool, tmp_path)
    await asyncio.gather(*(bench("pid", limits=keeps) for _ in range(3)))
    assert len(pool.idle_pids) == 2

    await bench("pid", limits=Limits(resident_bytes=200))

    assert len(pool.idle_pids) == 1
    await pool.stop()


async def test_an_idle_child_ends_after_a_while(tmp_path: Path) -> None:
    pool = ChildPool(idle_limit=2, idle=timedelta(milliseconds=10), folder=tmp_path)
    pid = int(await Bench(pool, tmp_path)("pid"))

    await eventually(lambda: _assert_gone(pid))
    await pool.stop()


def test_a_child_that_was_killed_while_idle_is_a_dead_child_on_uvloop_too(tmp_path: Path) -> None:
    async def story() -> None:
        pool = ChildPool(idle_limit=1, folder=tmp_path)
        bench = Bench(pool, tmp_path)
        pid = int(await bench("pid"))
        os.kill(pid, signal.SIGKILL)
        await eventually(lambda: _assert_gone(pid))
        with pytest.raises(ChildDiedError):
            await bench("pid")
        await pool.stop()

    uvloop.run(story())


async def test_what_a_generator_prints_does_not_disturb_the_pipe(bench: Bench) -> None:
    assert await bench("print_to_the_pipe") == ""


async def test_a_child_has_no_secrets_and_one_thread_a_library(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://user:hush-hush@host")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush-hush")

    environment = await bench("surroundings")

    assert "hush-hush" not in environment
    assert "OMP_NUM_THREADS=1" in environment


async def test_a_child_has_no_network(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        monkeypatch.setenv("XDG_TEST_PORT", str(server.getsockname()[1]))

        assert (await bench("connect")).startswith("refused")


def test_where_namespaces_are_forbidden_sockets_refuse_to_work() -> None:
    program = (
        "from services.generator.runtime import confinement\n"
        "confinement._leave_network = lambda: False\n"
        "import os, socket, urllib.request\n"
        "assert confinement.confine(os.getppid()) == 'patched'\n"
        "for attempt in (lambda: socket.create_connection(('127.0.0.1', 80)),\n"
        "                lambda: urllib.request.urlopen('http://localhost')):\n"
        "    try: attempt()\n"
        "    except OSError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.count("generators have no network") == 2


async def test_progress_arrives_at_most_four_times_a_second(bench: Bench) -> None:
    heard: list[float | None] = []

    async def report(percent: float | None, _: str | None) -> None:
        heard.append(percent)

    await bench("report_often", report)

    assert heard[0] == 0
    assert len(heard) < 5


async def test_a_killed_child_is_a_failed_attempt_and_the_pool_is_whole_again(
    bench: Bench,
) -> None:
    with pytest.raises(ChildDiedError, match=r"worker child died \(signal 9\)"):
        await bench("die")

    assert await bench("nothing") == "nothing"


async def test_a_child_killed_from_outside_is_a_failed_attempt(bench: Bench) -> None:
    async def kill(_: float | None, message: str | None) -> None:
        os.kill(int(str(message).split()[0]), signal.SIGKILL)

    with pytest.raises(ChildDiedError, match="signal 9"):
        await bench("start_another_and_hang", kill)


async def test_a_child_that_dies_is_noticed_although_what_it_started_lives_on(
    bench: Bench,
) -> None:
    with pytest.raises(ChildDiedError):
        await asyncio.wait_for(bench("leave_somebody_behind"), 4)


async def test_a_child_that_leaves_is_a_failed_attempt(bench: Bench) -> None:
    with pytest.raises(ChildDiedError, match="exit code 3"):
        await bench("leave")


@pytest.mark.parametrize("how", ["hang", "hang_without_giving_way"])
async def test_past_its_time_an_attempt_has_timed_out(bench: Bench, how: str) -> None:
    with pytest.raises(TimedOutError, match="longer than"):
        await bench(how, limits=Limits(wall_clock=SOON))

    assert await bench("nothing") == "nothing"


async def test_too_much_memory_may_fit_into_a_fresh_child(bench: Bench) -> None:
    with pytest.raises(AttemptFailedError) as caught:
        await bench("take_memory", limits=Limits(memory_bytes=1024**3))

    assert caught.value.setback.code == "out_of_memory"
    assert caught.value.setback.kind is FailureClass.CRASHED


async def test_too_large_a_file_is_a_permanent_failure(bench: Bench) -> None:
    with pytest.raises(AttemptFailedError) as caught:
        await bench("write_much", limits=Limits(output_bytes=1024**2))

    assert caught.value.setback.code == "output_too_large"


async def test_a_classed_error_keeps_its_class(bench: Bench) -> None:
    with pytest.raises(AttemptFailedError) as busy:
        await bench("be_busy")
    with pytest.raises(AttemptFailedError) as refused:
        await bench("refuse")

    assert busy.value.setback.retryable
    assert busy.value.setback.retry_after == timedelta(seconds=7)
    assert (refused.value.setback.code, refused.value.setback.message) == (
        "provider_refused",
        "not this one",
    )


async def test_any_other_exception_is_permanent_and_shows_no_stack(bench: Bench) -> None:
    with pytest.raises(AttemptFailedError) as caught:
        await bench("have_a_bug")

    assert caught.value.setback.code == "generator_error"
    assert caught.value.setback.message == "KeyError: 'colour'"


async def test_an_input_that_does_not_fit_names_the_field(bench: Bench) -> None:
    with pytest.raises(AttemptFailedError) as caught:
        await bench("nothing", colour="red")

    assert caught.value.setback.code == "invalid_input"
    assert "colour" in caught.value.setback.message


async def test_canceling_kills_the_child_and_what_it_started(bench: Bench) -> None:
    pids: list[int] = []
    started = asyncio.Event()

    async def report(_: float | None, message: str | None) -> None:
        pids.extend(map(int, str(message).split()))
        started.set()

    run = asyncio.create_task(bench("start_another_and_hang", report))
    await started.wait()
    run.cancel()
    await asyncio.gather(run, return_exceptions=True)

    await eventually(lambda: _assert_gone(*pids))


def test_no_child_outlives_its_worker(tmp_path: Path) -> None:
    program = (
        "import asyncio, os, signal, sys; from pathlib import Path\n"
        "from services.generator.runtime.pool import ChildPool\n"
        "from tests.integration.generator.test_children import Bench\n"
        "async def main():\n"
        "    folder = Path(sys.argv[1])\n"
        "    pool = ChildPool(idle_limit=2, folder=folder)\n"
        "    print(await Bench(pool, folder)('pid'), flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert done.returncode == -signal.SIGKILL
    eventually_sync(lambda: _assert_gone(int(done.stdout)))


def _assert_gone(*pids: int) -> None:
    """Zombies count as gone: nobody may be there to reap what a killed worker left."""
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            continue
        assert state == "Z", f"{pid} still runs"

"""One child process, as the worker sees it: started, told what to make, killed when it must be."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog

from services.generator.derivation import without_thumbnail
from services.generator.errors import ChildDiedError, ChildUnavailableError
from services.generator.runtime.framing import Incoming, input_as_dict, pack
from services.generator.runtime.setback import STOPPED, AttemptFailedError, Setback
from services.generator.runtime.task import GenerationTask
from shared.errors import DarkroomError, TimedOutError
from shared.generators import AssetFile, Role
from shared.generators.context import Report

PROGRAM = "services.generator.runtime.child"
START_SECONDS = 60.0
DERIVING_SECONDS = 20.0
TOO_MUCH = "took too long to be decoded, or killed the process that tried"
_LEAVE_SECONDS = 3.0
_LAST_WORDS_SECONDS = 1.0
_REASONS = {
    signal.SIGKILL: "killed, perhaps because the machine ran out of memory",
    signal.SIGXCPU: "it used more processor time than it may",
    signal.SIGSEGV: "it crashed",
    signal.SIGABRT: "it gave up",
}

log = structlog.get_logger(__name__)


class ChildProcess:
    """Runs one task at a time for one generator. `usable` until it failed in a way of its own."""

    def __init__(self, process: Process, generator: str) -> None:
        assert process.stdout is not None
        self._process = process
        self._incoming = Incoming(process.stdout)
        self._generator = generator
        self._printed = asyncio.create_task(self._log_what_it_prints(), name="child-stderr")
        self.network = "unknown"
        self.usable = True
        self._deriving = False
        self.runs = 0
        self._killed = False

    @classmethod
    async def start(
        cls, reference: str, environment: Mapping[str, str], folder: Path
    ) -> "ChildProcess":
        """Start a child and wait until it has loaded its generator (`module:Class`).

        Raises `ChildUnavailableError`, or the setback of a generator that cannot be loaded.
        """
        try:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", PROGRAM, reference, str(os.getpid())),
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                env=dict(environment),
                cwd=folder,
                start_new_session=True,
            )
        except OSError as error:
            raise ChildUnavailableError(f"no child process could be started: {error}") from error
        child = cls(process, reference)
        try:
            await child._wait_until_ready()
        except BaseException:
            await child.kill()
            raise
        return child

    @property
    def pid(self) -> int:
        return self._process.pid

    async def run(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        """Make one attempt; whatever interrupts it kills the child, unless that may stop itself."""
        limit = task.limits.wall_clock.total_seconds()
        self.runs += 1
        try:
            async with asyncio.timeout(limit) as clock:
                made = await self._exchange(task, report)
        except AttemptFailedError as error:
            self.usable = error.setback.code not in {"out_of_memory", "generator_error"}
            raise
        except TimeoutError as error:
            await self.kill()
            if clock.expired():
                raise TimedOutError(f"It took longer than {limit:g} s.") from error
            raise
        except BaseException as error:
            if not isinstance(error, asyncio.CancelledError) or not await self._stops(task, report):
                await self.kill()
            raise
        return await self._derived(made) if self._deriving else made

    async def _stops(self, task: GenerationTask, report: Report) -> bool:
        """Whether it has stopped by itself, asked to, in the time that its generator is given."""
        patience = task.limits.stops_within.total_seconds()
        if not patience or self._killed:
            return False
        try:
            async with asyncio.timeout(patience):
                await self._tell({"stop": True})
                await self._answer(task, report)
                return not self._deriving
        except (DarkroomError, TimeoutError):
            return False
        except AttemptFailedError as error:
            return error.setback.code == STOPPED
        except BaseException:
            await self.kill()
            raise

    async def _derived(self, made: list[AssetFile]) -> list[AssetFile]:
        """With thumbnail and placeholders; without, where making them hangs or kills the child."""
        try:
            async with asyncio.timeout(DERIVING_SECONDS):
                message = await self._receive()
        except (TimeoutError, ChildDiedError) as error:
            await self.kill()
            log.warning("thumbnail.missing", generator=self._generator, error=repr(error))
            return [without_thumbnail(file, TOO_MUCH) for file in made]
        except BaseException:
            await self.kill()
            raise
        self._deriving = False
        return [_file(file) for file in message["derived"]]

    async def retire(self) -> None:
        """Let it go: close its pipe, kill it when it does not leave."""
        self.usable = False
        if self._process.stdin is not None:
            self._process.stdin.close()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                await self._process.wait()
        await self.kill()

    async def kill(self) -> None:
        """Kill it and all it has started, and wait until it is gone."""
        self.usable = False
        if not self._killed:
            self._killed = True
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
        await asyncio.shield(self._gone())

    async def _gone(self) -> None:
        """It has ended and its last words are heard; a pipe that others hold is not waited for."""
        ending = {self._printed, asyncio.ensure_future(self._process.wait())}
        for late in (await asyncio.wait(ending, timeout=_LAST_WORDS_SECONDS))[1]:
            late.cancel()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LEAVE_SECONDS):
                while self._process.returncode is None:  # noqa: ASYNC110 - nothing else tells
                    await asyncio.sleep(0.01)
        self._process._transport.close()  # type: ignore[attr-defined]

    async def _wait_until_ready(self) -> None:
        try:
            async with asyncio.timeout(START_SECONDS):
                message = await self._receive()
        except TimeoutError as error:
            raise ChildUnavailableError("a child process did not start in time") from error
        if "failed" in message:
            raise AttemptFailedError(Setback.from_dict(message["failed"]))
        self.network = message["ready"]["network"]

    async def _exchange(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        await self._tell({"run": _told(task)})
        return await self._answer(task, report)

    async def _tell(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(ConnectionError, RuntimeError):  # RuntimeError: uvloop's word
            self._process.stdin.write(pack(message))
            await self._process.stdin.drain()

    async def _answer(self, task: GenerationTask, report: Report) -> list[AssetFile]:
        while True:
            message = await self._receive()
            if (progress := message.get("progress")) is not None:
                await report(progress["percent"], progress["message"])
                continue
            if (bill := message.get("bill")) is not None:
                task.bill.charge(bill["backend"], bill["cost"])
            if (setback := message.get("failed")) is not None:
                raise AttemptFailedError(Setback.from_dict(setback))
            self._deriving = message["more"]
            return [_file(made) for made in message["made"]]

    async def _receive(self) -> dict[str, Any]:
        try:
            return await self._incoming.receive()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError) as error:
            await self.kill()
            raise ChildDiedError(self._how_it_died()) from error

    def _how_it_died(self) -> str:
        code = self._process.returncode
        if code is None or code >= 0:
            return f"worker child died (exit code {code})"
        reason = _REASONS.get(signal.Signals(-code), signal.strsignal(-code) or "unknown")
        return f"worker child died (signal {-code}): {reason}"

    async def _log_what_it_prints(self) -> None:
        assert self._process.stderr is not None
        while chunk := await self._process.stderr.read(8192):
            text = chunk.decode(errors="replace").rstrip()
            log.info("child.printed", generator=self._generator, pid=self.pid, text=text)


def _told(task: GenerationTask) -> dict[str, Any]:
    seconds = task.limits.wall_clock.total_seconds() * (os.cpu_count() or 1)
    told: dict[str, Any] = {
        "job_id": str(task.job_id),
        "attempt": task.attempt,
        "seed": task.seed,
        "input": task.input,
        "scratch": str(task.scratch()),
        "limits": {
            "memory_bytes": task.limits.memory_bytes,
            "output_bytes": task.limits.output_bytes,
            "cpu_seconds": int(seconds) + 1,
        },
    }
    if task.inputs:
        told["inputs"] = {name: input_as_dict(file) for name, file in task.inputs.items()}
    return told


def _file(made: dict[str, Any]) -> AssetFile:
    path, role, name = Path(made["path"]), Role(made["role"]), made["filename"]
    return AssetFile(path, role, name, made["provenance"], placeholder=made["placeholder"])

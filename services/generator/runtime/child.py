"""The program of a child process: loads one generator, then runs what it is told, one at a time.

    python -P -m services.generator.runtime.child <module:Class> <worker's process id>

Standard input and output are the pipe to the worker; they are moved away before anything else, so
that what a generator or a library prints goes to standard error, which the worker logs. A run is
canceled, or ended at its wall-clock limit, by killing the process; a worker that would rather keep
it says `stop` first.
"""

import asyncio
import importlib
import os
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from services.generator.derivation import any_visual, derive
from services.generator.runtime.confinement import confine, limit
from services.generator.runtime.framing import input_from_dict, pack, receive
from services.generator.runtime.setback import expected, setback_of
from shared.generators import AssetFile, Bill, Generator, GeneratorContext

PROGRESS_SECONDS = 0.25


def main(reference: str, worker: int) -> int:
    """Serve until the worker closes the pipe."""
    source, sink = _take_over_pipes()
    network = confine(worker)
    pipe = _Pipe(source, sink)
    try:
        generator = _load(reference)
    except BaseException as error:
        pipe.send(failed=_setback(error))
        return 1
    pipe.send(ready={"network": network})
    _serve(generator, pipe)
    return 0


class _Pipe:
    def __init__(self, source: FileIO, sink: BinaryIO) -> None:
        self.source, self._sink = source, sink

    def send(self, **message: Any) -> None:
        self._sink.write(pack(message))
        self._sink.flush()


def _take_over_pipes() -> tuple[FileIO, BinaryIO]:
    """The pipes on descriptors of our own; 0 reads nothing, 1 is the same as 2."""
    source, sink = FileIO(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return source, sink


def _load(reference: str) -> Generator[Any]:
    module, _, path = reference.partition(":")
    kind: Any = importlib.import_module(module)
    for name in path.split("."):
        kind = getattr(kind, name)
    generator: Generator[Any] = kind()
    return generator


def _serve(generator: Generator[Any], pipe: _Pipe) -> None:
    with asyncio.Runner() as runner:
        while (message := receive(pipe.source)) is not None:
            if "run" not in message:  # a `stop` for what is over
                continue
            bill = Bill()
            made: list[AssetFile] = []
            try:
                made = runner.run(_run(generator, message["run"], pipe, bill))
                answer: dict[str, Any] = {"made": _as_dicts(made), "more": any_visual(made)}
            except BaseException as error:
                answer = {"failed": _setback(error)}
            if bill != Bill():
                answer["bill"] = {"backend": bill.backend, "cost": bill.cost}
            sys.stdout.flush()
            pipe.send(**answer)
            if answer.get("more"):
                pipe.send(derived=_as_dicts(_kept(derive(made), message["run"]["scratch"])))


async def _run(
    generator: Generator[Any], told: dict[str, Any], pipe: _Pipe, bill: Bill
) -> list[AssetFile]:
    limit(**told["limits"])
    tempfile.tempdir = os.environ["TMPDIR"] = told["scratch"]
    given = generator.input_model.model_validate(told["input"])
    with _stoppable(pipe.source):
        made = await generator.generate(given, _context(told, pipe, bill))
    return _kept(made, told["scratch"])


@contextmanager
def _stoppable(source: FileIO) -> Iterator[None]:
    """Until it is over, whatever else the worker says means: stop."""
    loop, run = asyncio.get_running_loop(), asyncio.current_task()
    assert run is not None

    def stop() -> None:
        receive(source)
        loop.remove_reader(source)
        run.cancel()

    loop.add_reader(source, stop)
    try:
        yield
    finally:
        loop.remove_reader(source)


def _context(told: dict[str, Any], pipe: _Pipe, bill: Bill) -> GeneratorContext:
    last = 0.0

    async def report(percent: float | None, message: str | None) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= PROGRESS_SECONDS:
            last = now
            pipe.send(progress={"percent": percent, "message": message})

    given = told.get("inputs", {})
    return GeneratorContext(
        UUID(told["job_id"]),
        told["seed"],
        Path(told["scratch"]),
        told["attempt"],
        report,
        bill=bill,
        inputs={name: input_from_dict(file) for name, file in given.items()},
    )


def _kept(files: Sequence[AssetFile], folder: str) -> list[AssetFile]:
    """Bytes become files: the pipe is not for them."""
    return [file if file.content is None else _written(file, folder) for file in files]


def _written(file: AssetFile, folder: str) -> AssetFile:
    assert file.content is not None
    path = Path(tempfile.mkdtemp(dir=folder)) / file.path.name
    path.write_bytes(file.content)
    return replace(file, path=path, content=None)


def _as_dicts(files: Sequence[AssetFile]) -> list[dict[str, Any]]:
    return [
        {
            "path": str(file.path),
            "role": str(file.role),
            "filename": file.filename,
            "provenance": file.provenance,
            "placeholder": file.placeholder,
        }
        for file in files
    ]


def _setback(error: BaseException) -> dict[str, Any]:
    if not expected(error):
        traceback.print_exception(error)
    return setback_of(error).as_dict()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))

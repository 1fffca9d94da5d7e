"""The program of a child process that runs a generator under its declared limits, for tests.

    python -P -m shared.testing.generator_child < order.json > news.jsonl

The order: `generator` (`module:Class`), `inputs`, `seed`, `assets` (paths by id), `scratch`. The
news: a line of JSON for what was told, for each input that is done, and for the end.

Python's own calls are watched while a generator works: it may connect to nobody, and write only in
its scratch folder, in folders for caches, and where Python keeps compiled modules.
"""

import asyncio
import importlib
import json
import os
import resource
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from pydantic import ValidationError

from shared.errors import PermanentError
from shared.generators import Generator, GeneratorContext, Limits
from shared.testing.generator_runs import context_in, described, generate

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_CALLS = frozenset({"socket.connect", "socket.getaddrinfo", "socket.sendto"})


def main() -> int:
    """Do what the order says, one input after the other, in this one process."""
    order, news = json.load(sys.stdin), _news()
    kind = _loaded(order["generator"])
    _limit(kind.limits)
    watch = Watch()
    sys.addaudithook(watch)
    for number, given in enumerate(order["inputs"]):
        _say(news, begun=number)
        context = _context(order, number, news)
        with watch.over(context.scratch):
            outcome = _outcome(kind, given, context)
        _say(news, **outcome)
    _say(news, peak=_peak(), broken=watch.broken)
    return 0


def _loaded(reference: str) -> type[Generator[Any]]:
    module, _, name = reference.partition(":")
    found: Any = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    kind: type[Generator[Any]] = found
    return kind


def _context(order: dict[str, Any], number: int, news: TextIO) -> GeneratorContext:
    scratch = Path(order["scratch"], str(number))
    scratch.mkdir()
    tempfile.tempdir = os.environ["TMPDIR"] = str(scratch)
    assets = {name: Path(path).read_bytes() for name, path in order["assets"].items()}
    context = context_in(scratch, seed=order["seed"], assets=assets)

    async def report(percent: float | None, message: str | None) -> None:
        _say(news, told=[percent, message])

    context.report = report
    return context


def _outcome(
    kind: type[Generator[Any]], given: dict[str, Any], context: GeneratorContext
) -> dict[str, Any]:
    begun = time.perf_counter()
    try:
        files = asyncio.run(generate(kind, given, context))
    except (ValidationError, PermanentError) as error:
        return {"refused": str(error)}
    except Exception:
        return {"failed": traceback.format_exc()}
    seconds = time.perf_counter() - begun
    made = [described(file, context.scratch) for file in files]
    return {"digests": [file.sha256 for file in made], "seconds": seconds}


class Watch:
    """Hears of what Python's own functions do while a generator works."""

    def __init__(self) -> None:
        cache = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())
        self._always = (f"{cache}/", "/dev/", "/proc/")
        self._allowed: tuple[str, ...] = ()
        self.broken: list[str] = []

    @contextmanager
    def over(self, scratch: Path) -> Iterator[None]:
        """Watch for the length of the block."""
        self._allowed = (*self._always, f"{scratch}/", f"{scratch.resolve()}/")
        try:
            yield
        finally:
            self._allowed = ()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self._allowed:
            return
        if event in _CALLS and not _is_local(arguments):
            self.broken.append(f"{event} {arguments[-1]!r}"[:200])
            raise PermissionError("generators have no network")
        if event == "open" and self._is_outside(*arguments):
            self.broken.append(f"writes {arguments[0]!r}"[:200])

    def _is_outside(self, path: Any, _mode: Any, flags: int) -> bool:
        if not isinstance(path, str | bytes) or not (flags or 0) & _WRITING:
            return False
        where = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - also in the middle of imports
        return not where.startswith(self._allowed) and "__pycache__" not in where


def _is_local(arguments: tuple[Any, ...]) -> bool:
    """A socket of this machine alone is a file."""
    return isinstance(arguments[-1], str | bytes) and hasattr(arguments[0], "family")


def _limit(limits: Limits) -> None:
    for which, most in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
    ):
        hard = resource.getrlimit(which)[1]
        soft = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(which, (soft, hard))


def _peak() -> int:
    """The most that this process has kept in memory, in bytes; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return 0
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _news() -> TextIO:
    """What was standard output; what a generator prints goes to standard error from now on."""
    news = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    return news


def _say(news: TextIO, **what: Any) -> None:
    news.write(json.dumps(what) + "\n")
    news.flush()


if __name__ == "__main__":
    sys.exit(main())

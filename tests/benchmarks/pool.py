"""A generator's function in a bare process pool: no broker, no database, no HTTP."""

import asyncio
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

from shared.generators import Generator, GeneratorContext

_generator: Generator[Any] | None = None


class BarePool:
    """As many processes as this one may use cores; started fresh, not forked."""

    def __init__(self, kind: type[Generator[Any]]) -> None:
        cores = len(os.sched_getaffinity(0))
        self._pool = multiprocessing.get_context("spawn").Pool(cores, _load, (kind,))

    def run(self, inputs: Iterable[dict[str, Any]]) -> float:
        """Seconds until all are made."""
        began = time.monotonic()
        for _ in self._pool.imap_unordered(_make, inputs):
            pass
        return time.monotonic() - began

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.terminate()
        self._pool.join()


def _load(kind: type[Generator[Any]]) -> None:
    global _generator  # noqa: PLW0603 - how a pool's processes keep what they need
    _generator = kind()


def _make(given: dict[str, Any]) -> int:
    """Make it in a scratch folder of its own, as an attempt would; the bytes that came out."""
    assert _generator is not None
    scratch = Path(tempfile.mkdtemp(prefix="bare-"))
    try:
        context = GeneratorContext(uuid4(), given["seed"], scratch)
        model = _generator.input_model.model_validate(given)
        made = asyncio.run(_generator.generate(model, context))
        return sum(file.path.stat().st_size for file in made)
    finally:
        shutil.rmtree(scratch)

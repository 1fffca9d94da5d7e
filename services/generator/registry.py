"""Which generators this process hosts: what is installed and can run here, less what the settings
leave out.

A generator that cannot be imported, or lacks something, is reported and left out; the others work.
"""

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog
from pydantic import BaseModel

from services.generator.errors import (
    NotHostedError,
    UnavailableGeneratorError,
    UnloadableGeneratorError,
)
from shared.errors import DarkroomError
from shared.generators import Execution, Generator

GROUP = "darkroom.generators"
_MIB = 1024**2
FAULTY = frozenset({"flaky", "noop"})
"""For tests and demonstrations: hosted only where they are asked for."""

AnyGenerator = type[Generator[Any]]
log = structlog.get_logger(__name__)


class GeneratorRegistry:
    """The hosted generators, by name, and why others are not."""

    def __init__(
        self, hosted: Iterable[AnyGenerator], problems: Mapping[str, DarkroomError] | None = None
    ) -> None:
        self._hosted = {kind.name: kind for kind in hosted}
        self.problems = dict(problems or {})

    def __iter__(self) -> Iterator[AnyGenerator]:
        return iter([self._hosted[name] for name in sorted(self._hosted)])

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._hosted))

    def names_run_in(self, execution: Execution) -> tuple[str, ...]:
        """Those that run in a child, or in the loop."""
        return tuple(name for name in self.names if self._hosted[name].execution is execution)

    def report(self) -> None:
        """Log why others are not hosted: a lack is an ordinary thing, a broken one is not."""
        for name, error in sorted(self.problems.items()):
            say = log.info if isinstance(error, UnavailableGeneratorError) else log.error
            say(error.code.replace("_", ".", 1), generator=name, reason=error.detail)

    def problem(self) -> str | None:
        """Why there is nothing to do here; None when there is."""
        return None if self._hosted else "no generator is hosted here"

    def get(self, name: str) -> AnyGenerator:
        """The class of that name. Raises `NotHostedError`."""
        try:
            return self._hosted[name]
        except KeyError:
            raise NotHostedError(f"no generator {name!r} is hosted here") from None


def discover(
    only: Collection[str] | None = None,
    *,
    allow_faults: bool = False,
    memory: float = math.inf,
    installed: Callable[[], Iterable[EntryPoint]] = lambda: entry_points(group=GROUP),
) -> GeneratorRegistry:
    """Import what is installed and wanted.

    `noop` is hosted when faults are allowed or `only` names it; `flaky` only when they are. What
    keeps more than `memory` bytes is not hosted.
    """
    hosted: list[AnyGenerator] = []
    problems: dict[str, DarkroomError] = {}
    for entry in installed():
        if not _wanted(entry.name, only, allow_faults):
            continue
        try:
            kind = _load(entry)
            _check(kind, memory)
            hosted.append(kind)
        except (UnavailableGeneratorError, UnloadableGeneratorError) as error:
            problems[entry.name] = error
    missing = set(only or ()) - {kind.name for kind in hosted} - problems.keys()
    for name in missing:
        problems[name] = UnloadableGeneratorError("asked for, but not installed or not allowed")
    return GeneratorRegistry(hosted, problems)


def _wanted(name: str, only: Collection[str] | None, allow_faults: bool) -> bool:
    if name == "flaky" and not allow_faults:
        return False
    if only is not None:
        return name in only
    return allow_faults or name not in FAULTY


def _load(entry: EntryPoint) -> AnyGenerator:
    try:
        kind = entry.load()
    except Exception as error:
        raise UnloadableGeneratorError(f"{type(error).__name__}: {error}") from error
    if not isinstance(kind, type) or not issubclass(kind, Generator):
        raise UnloadableGeneratorError(f"{entry.value} is no generator class")
    if (missing := _unsaid(kind)) or kind.name != entry.name:
        said = f"does not say {', '.join(missing)}" if missing else f"calls itself {kind.name!r}"
        raise UnloadableGeneratorError(f"{entry.value} {said}")
    if not issubclass(kind.input_model, BaseModel):
        raise UnloadableGeneratorError(f"{entry.value}: input_model is no pydantic model")
    return kind


def _check(kind: AnyGenerator, memory: float) -> None:
    """Raises `UnavailableGeneratorError` when this machine lacks something that it needs."""
    try:
        lack = kind.unavailable()
    except Exception as error:
        raise UnloadableGeneratorError(f"{type(error).__name__}: {error}") from error
    if lack is not None:
        raise UnavailableGeneratorError(lack)
    needed = kind.limits.resident_bytes
    if kind.execution is Execution.CHILD and needed > memory:
        raise UnavailableGeneratorError(
            f"needs {needed / _MIB:.0f} MiB of memory, {memory / _MIB:.0f} MiB may be used "
            "(DARKROOM_GENERATOR_MEMORY)"
        )


def _unsaid(kind: AnyGenerator) -> list[str]:
    needed = ("name", "version", "description", "input_model", "media_types", "example")
    return [attribute for attribute in needed if not hasattr(kind, attribute)]

"""Which generators this process hosts: what is installed, less what the settings leave out.

A generator that cannot be imported is reported and left out; the others work.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any

import structlog
from pydantic import BaseModel

from services.generator.errors import NotHostedError, UnloadableGeneratorError
from shared.generators import Execution, Generator

GROUP = "darkroom.generators"
FAULTY = frozenset({"flaky", "noop"})
"""For tests and demonstrations: hosted only where they are asked for."""

AnyGenerator = type[Generator[Any]]
log = structlog.get_logger(__name__)


class GeneratorRegistry:
    """The hosted generators, by name, and why others are not."""

    def __init__(
        self, hosted: Iterable[AnyGenerator], problems: Mapping[str, str] | None = None
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
    installed: Callable[[], Iterable[EntryPoint]] = lambda: entry_points(group=GROUP),
) -> GeneratorRegistry:
    """Import what is installed and wanted.

    `noop` is hosted when faults are allowed or `only` names it; `flaky` only when they are.
    """
    hosted: list[AnyGenerator] = []
    problems: dict[str, str] = {}
    for entry in installed():
        if not _wanted(entry.name, only, allow_faults):
            continue
        try:
            hosted.append(_load(entry))
        except UnloadableGeneratorError as error:
            problems[entry.name] = error.detail
            log.error("generator.unloadable", generator=entry.name, error=error.detail)
    missing = set(only or ()) - {kind.name for kind in hosted} - problems.keys()
    for name in sorted(missing):
        problems[name] = "asked for, but not installed or not allowed"
        log.error("generator.missing", generator=name, error=problems[name])
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


def _unsaid(kind: AnyGenerator) -> list[str]:
    needed = ("name", "version", "description", "input_model", "media_types", "example")
    return [attribute for attribute in needed if not hasattr(kind, attribute)]

"""Where a process can be made to die: before or after a call of a named method.

A spot is found from outside, by the names that the code has anyway. A method that is no longer
there is an error (`SeamMissingError`), so that no point passes because it is never reached.
"""

import importlib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class SeamMissingError(Exception):
    """The code has no such method any more; the table of points has to follow it."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method: `given` begins with the object; `answer` is there once it returned."""

    given: Sequence[Any]
    named: Mapping[str, Any] = field(default_factory=dict)
    answer: Any = None


Counts = Callable[[Call], bool]


def every(call: Call) -> bool:
    """Each call counts."""
    return True


@dataclass(frozen=True, slots=True)
class Seam:
    """Calls of one method (`module:Class.method`); `counts` leaves out those of no interest."""

    method: str
    counts: Counts = every


class Moment(StrEnum):
    """On which side of the call."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Spot:
    """`moment` a call of `seam`; only inside a call of `within`, only once `once` was called.

    A call of `once` that counts only by its answer has to have returned.
    """

    moment: Moment
    seam: Seam
    within: Seam | None = None
    once: Seam | None = None

    @property
    def seams(self) -> list[Seam]:
        """Every method that this spot is found by."""
        return [seam for seam in (self.seam, self.within, self.once) if seam is not None]


def before(seam: Seam, *, within: Seam | None = None, once: Seam | None = None) -> Spot:
    """Just as it is called."""
    return Spot(Moment.BEFORE, seam, within, once)


def after(seam: Seam, *, within: Seam | None = None, once: Seam | None = None) -> Spot:
    """Just as it has returned."""
    return Spot(Moment.AFTER, seam, within, once)


@dataclass(frozen=True, slots=True)
class Method:
    """A method as it stands in its class."""

    owner: type
    name: str
    function: Callable[..., Any]

    @property
    def waits(self) -> bool:
        """Whether it is a coroutine."""
        return inspect.iscoroutinefunction(self.function)


def find(path: str) -> Method:
    """The method that `module:Class.method` names. Raises `SeamMissingError`."""
    module, _, rest = path.partition(":")
    class_name, _, name = rest.partition(".")
    try:
        owner = getattr(importlib.import_module(module), class_name)
        function = vars(owner)[name]
    except (ImportError, AttributeError, KeyError, TypeError) as error:
        raise SeamMissingError(f"{path} is not there any more: {error!r}") from error
    if not inspect.isclass(owner) or not inspect.isfunction(function):
        raise SeamMissingError(f"{path} is no method")
    return Method(owner, name, function)

"""Running a machine: how long, whether always in the same places, and what it found.

DARKROOM_MODEL_EXAMPLES=2000 (and DARKROOM_MODEL_STEPS=80) looks longer, elsewhere every time.
"""

import os
from collections.abc import Callable
from typing import Any, cast

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test
from structlog.testing import capture_logs

from tests.model.expected import BrokenPromiseError

_EXAMPLES = os.environ.get("DARKROOM_MODEL_EXAMPLES")
_STEPS = os.environ.get("DARKROOM_MODEL_STEPS")
LONG = _EXAMPLES is not None
"""Somebody has the time to look closely."""

MakeMachine = Callable[[], RuleBasedStateMachine]


def explore(machine: MakeMachine, examples: int, steps: int = 40) -> None:
    """Fails, with the steps that led there, when a promise can be broken."""
    _run(machine, examples, steps, shrink=True)


def counterexample(machine: MakeMachine, examples: int, steps: int = 40) -> str | None:
    """The promise that can be broken and the steps that lead there, or None.

    The fewest steps only when there is time: finding them takes longer than finding any.
    """
    try:
        _run(machine, examples, steps, shrink=LONG)
    except BrokenPromiseError as broken:
        return _told(broken)
    except ExceptionGroup as several:  # the same steps broke different promises when repeated
        broken_ones, others = several.split(BrokenPromiseError)
        if broken_ones is None or others is not None:
            raise
        return _told(broken_ones)
    return None


def _told(broken: Exception) -> str:
    return "\n".join([str(broken), *getattr(broken, "__notes__", ())])


def _run(machine: MakeMachine, examples: int, steps: int, *, shrink: bool) -> None:
    chosen = settings(
        max_examples=int(_EXAMPLES or examples),
        stateful_step_count=int(_STEPS or steps),
        derandomize=not LONG,
        database=None,
        deadline=None,
        print_blob=LONG,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.shrink) if shrink else (Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    with capture_logs():
        run_state_machine_as_test(cast(Any, machine), settings=chosen)

"""The machine is worth something: it finds the bugs that are planted in the statements."""

import pytest

from tests.model import actors
from tests.model.bugs import BUGS, Bug, HastyRelay
from tests.model.exploring import LONG, counterexample
from tests.model.machine import CoreMachine
from tests.model.stage import Stage

EXAMPLES = 300


@pytest.mark.parametrize("bug", [bug for bug in BUGS if LONG or not bug.deep], ids=str)
def test_a_planted_bug_is_found(bug: Bug, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    bug.plant(monkeypatch)

    must_be_found(stage)


def test_a_relay_that_deletes_first_is_found(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actors, "OutboxRelay", HastyRelay)

    must_be_found(stage)


def must_be_found(stage: Stage) -> None:
    found = counterexample(lambda: CoreMachine(stage), EXAMPLES)

    assert found is not None, "the machine finds the bug"
    print(found)

"""The read model keeps true to the events, whatever their order."""

import pytest

from tests.model.bugs import READ_MODEL_BUGS, Bug
from tests.model.exploring import counterexample, explore
from tests.model.read_model import ReadModelMachine
from tests.model.stage import Stage


def test_every_order_of_events_comes_to_the_same(api_stage: Stage) -> None:
    explore(lambda: ReadModelMachine(api_stage), examples=30, steps=12)


@pytest.mark.parametrize("bug", READ_MODEL_BUGS, ids=str)
def test_a_planted_bug_is_found(
    bug: Bug, api_stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    bug.plant(monkeypatch)

    found = counterexample(lambda: ReadModelMachine(api_stage), examples=30, steps=12)

    assert found is not None, "the machine finds the bug"
    print(found)

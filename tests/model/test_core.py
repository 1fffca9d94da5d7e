"""The core of Darkroom keeps its promises, whatever happens in whatever order."""

from tests.model.exploring import explore
from tests.model.machine import CoreMachine
from tests.model.stage import Stage


def test_every_job_ends_once_whatever_happens(stage: Stage) -> None:
    explore(lambda: CoreMachine(stage), examples=60)

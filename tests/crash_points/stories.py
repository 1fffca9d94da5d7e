"""What is asked for while a service dies, and how it must end.

`begin` brings the service to its crash point; `go_on` is told once the service runs again: who got
no answer asks again, with the same key. Neighbour: `promises` checks what came of it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from shared.messaging import topology
from shared.testing import eventually_sync
from tests.crash_points.darkroom import Darkroom
from tests.crash_points.person import Person
from tests.crash_points.points import StoryName
from tests.crash_points.processes import PATIENCE
from tests.crash_points.records import Records
from tests.crash_points.witness import Witness, new_id


@dataclass(frozen=True, slots=True)
class Scene:
    """Who takes part; `key` is new for every test."""

    darkroom: Darkroom
    person: Person
    witness: Witness
    records: Records
    buried_before: int
    key: str = field(default_factory=new_id)


class Story(ABC):
    """`settings` are those of the service that dies."""

    settings: ClassVar[Mapping[str, str]] = {}
    status: ClassVar[str] = "ready"

    def buried(self, scene: Scene) -> Sequence[str]:
        """The messages that become dead letters."""
        return ()

    @abstractmethod
    def begin(self, scene: Scene) -> None:
        """Ask."""

    @abstractmethod
    def go_on(self, scene: Scene) -> str:
        """Ask again. Answers the job's id."""


class Asked(Story):
    """A job asked for over HTTP."""

    generator: ClassVar[str] = "flaky"
    input: ClassVar[Mapping[str, Any]] = {}

    def begin(self, scene: Scene) -> None:
        self._ask(scene)

    def go_on(self, scene: Scene) -> str:
        job_id = self._ask(scene)
        assert job_id is not None, "the api is there"
        return job_id

    def _ask(self, scene: Scene) -> str | None:
        job = scene.person.ask(scene.key, self.generator, dict(self.input))
        return job["id"] if job else None

    def _ask_until_it_runs(self, scene: Scene) -> str:
        job_id = Asked.go_on(self, scene)
        scene.person.wait_until(job_id, "running")
        return job_id


class Quick(Asked):
    """Made in the worker's event loop."""

    generator = "noop"


class Lasting(Asked):
    """Long enough for a word of its start and a heartbeat."""

    input: ClassVar[Mapping[str, Any]] = {"delay_seconds": 0.8}


class Retried(Asked):
    """The first attempt fails for a passing reason."""

    input: ClassVar[Mapping[str, Any]] = {"transient_rate": 1, "only_first": 1}


class Released(Asked):
    """The first attempt would never end; its worker is asked to."""

    settings: ClassVar[Mapping[str, str]] = {"DARKROOM_GRACE_SECONDS": "1.5"}
    input: ClassVar[Mapping[str, Any]] = {"hang": True, "only_first": 1}

    def begin(self, scene: Scene) -> None:
        self._ask_until_it_runs(scene)
        scene.darkroom.ask_to_end("generator")


class Canceled(Asked):
    """It runs, and is not wanted any more."""

    status = "canceled"
    input: ClassVar[Mapping[str, Any]] = {"hang": True}

    def begin(self, scene: Scene) -> None:
        scene.person.cancel(self._ask_until_it_runs(scene))

    def go_on(self, scene: Scene) -> str:
        job_id = Asked.go_on(self, scene)
        scene.person.cancel(job_id)
        return job_id


class Commanded(Story):
    """Another service sends the command, and to be sure sends it again."""

    def begin(self, scene: Scene) -> None:
        scene.witness.command(scene.key, generator="noop", input={}, metadata={"asked": scene.key})

    def go_on(self, scene: Scene) -> str:
        self.begin(scene)

        def requested() -> str:
            [job_id] = {
                event["subject"]
                for event in scene.witness.heard()
                if event["type"] == "darkroom.media.requested.v1"
                and event.get("correlationid") == scene.key
            }
            return str(job_id)

        return eventually_sync(requested, PATIENCE)


class Poison(Quick):
    """Something that no catalog knows is in the notifier's queue; a job beside it is made."""

    def begin(self, scene: Scene) -> None:
        self._put(scene, scene.key)

    def go_on(self, scene: Scene) -> str:
        """Another one is put behind it: once that has been buried, nothing is on its way."""
        self._put(scene, f"{scene.key}-again")
        return super().go_on(scene)

    def buried(self, scene: Scene) -> Sequence[str]:
        return (scene.key, f"{scene.key}-again")

    def _put(self, scene: Scene, message_id: str) -> None:
        scene.witness.put("", topology.NOTIFIER_OUTCOMES, b"{", message_id)


STORIES: Mapping[StoryName, Story] = {
    StoryName.QUICK: Quick(),
    StoryName.LASTING: Lasting(),
    StoryName.RETRIED: Retried(),
    StoryName.RELEASED: Released(),
    StoryName.CANCELED: Canceled(),
    StoryName.COMMANDED: Commanded(),
    StoryName.POISON: Poison(),
}

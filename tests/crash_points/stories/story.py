"""What all stories have in common: who takes part, and a beginning before somebody dies."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tests.crash_points.darkroom import Darkroom
from tests.crash_points.person import Person
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
    """`settings` are those of the service that dies; those `asleep` do not run until it is back."""

    settings: ClassVar[Mapping[str, str]] = {}
    asleep: ClassVar[frozenset[str]] = frozenset()
    status: ClassVar[str] = "ready"

    def prepare(self, scene: Scene) -> None:  # noqa: B027 - most have nothing to prepare
        """What has happened before, with all services as they are."""

    @abstractmethod
    def begin(self, scene: Scene) -> None:
        """Bring the service to its crash point."""

    @abstractmethod
    def go_on(self, scene: Scene) -> str:
        """It runs again; who got no answer asks again, with the same key. Answers the job's id."""

    def buried(self, scene: Scene) -> Sequence[str]:
        """The messages that become dead letters."""
        return ()


class Asked(Story):
    """A job asked for over HTTP."""

    generator: ClassVar[str] = "flaky"
    input: ClassVar[Mapping[str, Any]] = {}
    limits: ClassVar[Mapping[str, Any]] = {}

    def begin(self, scene: Scene) -> None:
        self.ask(scene)

    def go_on(self, scene: Scene) -> str:
        job_id = self.ask(scene)
        assert job_id is not None, "the api is there"
        return job_id

    def ask(self, scene: Scene) -> str | None:
        """The job's id; None when the api died over it."""
        job = scene.person.ask(scene.key, self.generator, self.asked_with(scene), **self.limits)
        return job["id"] if job else None

    def asked_with(self, scene: Scene) -> dict[str, Any]:
        """The input."""
        return dict(self.input)

    def ask_until_it_runs(self, scene: Scene) -> str:
        """The id of the job, which is under way."""
        job_id = Asked.go_on(self, scene)
        scene.person.wait_until(job_id, "running")
        return job_id

"""Jobs that are not to go on, or not now."""

from collections.abc import Mapping
from typing import Any, ClassVar

from shared.events import MediaGenerationCanceled
from shared.testing import eventually_sync
from tests.crash_points.processes import PATIENCE
from tests.crash_points.stories.story import Asked, Scene


class Canceled(Asked):
    """It runs, and is not wanted any more."""

    status = "canceled"
    input: ClassVar[Mapping[str, Any]] = {"hang": True}

    def begin(self, scene: Scene) -> None:
        scene.person.cancel(self.ask_until_it_runs(scene))

    def go_on(self, scene: Scene) -> str:
        job_id = super().go_on(scene)
        scene.person.cancel(job_id)
        return job_id


class Unanswered(Canceled):
    """It is not wanted any more, and no worker is alive; one comes when all is over."""

    settings: ClassVar[Mapping[str, str]] = {"DARKROOM_NOTIFIER_GRACE_SECONDS": "0.5"}
    asleep = frozenset({"generator"})

    def begin(self, scene: Scene) -> None:
        scene.person.cancel(Asked.go_on(self, scene))

    def go_on(self, scene: Scene) -> str:
        job_id = super().go_on(scene)
        scene.person.wait(job_id)
        scene.darkroom.run_all()
        eventually_sync(lambda: self._must_be_answered(scene, job_id), PATIENCE)
        return job_id

    def _must_be_answered(self, scene: Scene, job_id: str) -> None:
        types = [event["type"] for event in scene.witness.heard_of(job_id)]
        assert MediaGenerationCanceled.type_name in types


class Expired(Asked):
    """No worker is there to start it in time."""

    status = "expired"
    asleep = frozenset({"generator"})
    limits: ClassVar[Mapping[str, Any]] = {"deadline_seconds": 1}

    def go_on(self, scene: Scene) -> str:
        scene.darkroom.run_all()
        return super().go_on(scene)


class Paused(Asked):
    """Its generator is paused before it is asked for, and resumed when that was seen."""

    def begin(self, scene: Scene) -> None:
        scene.person.control("pause", self.generator)

    def go_on(self, scene: Scene) -> str:
        self.begin(scene)
        scene.person.wait_until_generator_is(self.generator, paused=True)
        job_id = super().go_on(scene)
        other = scene.person.ask(f"{scene.key}-other", "noop", {})
        assert other is not None
        scene.person.wait(other["id"])
        assert scene.person.look(job_id)["status"] == "queued", "it waits; others do not"
        scene.person.control("resume", self.generator)
        return job_id

"""Messages of others: commands, and what nobody can read."""

from collections.abc import Sequence
from typing import Any

from shared.messaging import dead_letters, topology
from shared.testing import eventually_sync
from tests.crash_points.processes import PATIENCE
from tests.crash_points.stories.making import Quick
from tests.crash_points.stories.stopping import Canceled
from tests.crash_points.stories.story import Asked, Scene, Story


class Commanded(Story):
    """Another service sends the command, and to be sure sends it again."""

    def begin(self, scene: Scene) -> None:
        scene.witness.command(scene.key, **_a_job(scene.key))

    def go_on(self, scene: Scene) -> str:
        self.begin(scene)
        job_id = _job_of_command(scene)
        [answer] = _answers(scene, scene.key)
        assert answer["data"]["job"]["id"] == job_id
        assert answer["type"] == "darkroom.media.accepted.v1"
        return job_id


class CalledOff(Canceled):
    """Another service commands that it be canceled, and to be sure commands it again."""

    def begin(self, scene: Scene) -> None:
        self._call_off(scene, self.ask_until_it_runs(scene))

    def go_on(self, scene: Scene) -> str:
        """It is told twice by one answer, which shows the job as it is by then."""
        job_id = Asked.go_on(self, scene)
        self._call_off(scene, job_id)
        answers = _answers(scene, scene.key)
        assert {answer["type"] for answer in answers} == {"darkroom.media.accepted.v1"}
        assert len({answer["id"] for answer in answers}) == 1
        assert {answer["data"]["job"]["status"] for answer in answers} <= {"canceling", "canceled"}
        return job_id

    def _call_off(self, scene: Scene, job_id: str) -> None:
        scene.witness.command(scene.key, deed="cancel", job_id=job_id)


class Refused(Quick):
    """A command that cannot be done, sent twice; a job beside it is made."""

    def begin(self, scene: Scene) -> None:
        scene.witness.command(f"{scene.key}-refused", generator="unheard-of", input={})

    def go_on(self, scene: Scene) -> str:
        self.begin(scene)
        eventually_sync(lambda: self._must_be_told(scene, times=2), PATIENCE)
        answered = {answer["id"] for answer in _answers(scene, f"{scene.key}-refused")}
        assert answered <= {event["id"] for event in scene.witness.heard()}
        assert len(answered) == 1
        return super().go_on(scene)

    def _must_be_told(self, scene: Scene, times: int) -> None:
        """As often as it was sent at least, and always the same."""
        told = [
            event
            for event in scene.witness.heard()
            if event["type"] == "darkroom.media.rejected.v1"
            and event["data"]["command_id"] == f"{scene.key}-refused"
        ]
        assert len(told) >= times
        assert len({event["id"] for event in told}) == 1


class Poison(Quick):
    """Something that no catalog knows is in a queue of each service; a job beside it is made."""

    queues = (topology.API_PROGRESS, topology.GENERATOR_CONTROL, topology.NOTIFIER_OUTCOMES)

    def begin(self, scene: Scene) -> None:
        self._put(scene, "first")

    def go_on(self, scene: Scene) -> str:
        """More is put behind it: once that has been buried, nothing is on its way."""
        self._put(scene, "second")
        return super().go_on(scene)

    def buried(self, scene: Scene) -> Sequence[str]:
        return [
            f"{scene.key}-{queue}-{which}" for queue in self.queues for which in ("first", "second")
        ]

    def _put(self, scene: Scene, which: str) -> None:
        for queue in self.queues:
            scene.witness.put(b"{", f"{scene.key}-{queue}-{which}", key=queue)


class Replayed(Story):
    """A good command lies among the dead letters; an operator sends it back, and again."""

    def begin(self, scene: Scene) -> None:
        headers = {dead_letters.QUEUE: topology.API_COMMANDS, dead_letters.FIRST_SEEN: "yesterday"}
        scene.witness.command(
            scene.key, exchange=topology.DEAD, headers=headers, **_a_job(scene.key)
        )
        scene.person.replay(scene.key)

    def go_on(self, scene: Scene) -> str:
        scene.person.replay(scene.key)
        return _job_of_command(scene)

    def buried(self, scene: Scene) -> Sequence[str]:
        return (scene.key,)


def _answers(scene: Scene, command_id: str) -> list[dict[str, Any]]:
    """What was answered to a command that was sent twice, without what was said again."""

    def answered() -> list[dict[str, Any]]:
        answers = scene.witness.answers_to(command_id)
        assert len(answers) >= 2
        return [answer for number, answer in enumerate(answers) if answer not in answers[:number]]

    return eventually_sync(answered, PATIENCE)


def _a_job(key: str) -> dict[str, Any]:
    return {"generator": "noop", "input": {}, "metadata": {"asked": key}}


def _job_of_command(scene: Scene) -> str:
    """The only job that the command of this scene has led to."""

    def requested() -> str:
        [job_id] = {
            event["subject"]
            for event in scene.witness.heard()
            if event["type"] == "darkroom.media.requested.v1"
            and event.get("correlationid") == scene.key
        }
        return str(job_id)

    return eventually_sync(requested, PATIENCE)

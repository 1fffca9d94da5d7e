"""A job whose end somebody is called for."""

from collections.abc import Mapping
from typing import ClassVar

from shared.testing import eventually_sync
from shared.testing.webhook_receiver import WebhookReceiver
from tests.crash_points.processes import PATIENCE
from tests.crash_points.stories.making import Quick
from tests.crash_points.stories.story import Asked, Scene


class Called(Quick):
    """Called at least once, always with the same id, whoever dies in between."""

    settings: ClassVar[Mapping[str, str]] = {
        "DARKROOM_WEBHOOK_ALLOW_PRIVATE": "1",
        "DARKROOM_WEBHOOK_SCHEDULE": "0,0.1,0.2,0.5",
        "DARKROOM_WEBHOOK_TIMEOUT_SECONDS": "1",
    }
    _receiver: WebhookReceiver

    def prepare(self, scene: Scene) -> None:
        self._receiver = WebhookReceiver()
        self._receiver.__enter__()

    def ask(self, scene: Scene) -> str | None:
        webhook = {"url": self._receiver.url}
        job = scene.person.ask(scene.key, self.generator, {}, webhook=webhook)
        return job["id"] if job else None

    def go_on(self, scene: Scene) -> str:
        job_id = Asked.go_on(self, scene)
        scene.person.wait(job_id)
        try:
            eventually_sync(lambda: self._must_have_called(scene, job_id), PATIENCE)
        finally:
            self._receiver.__exit__(None, None, None)
        return job_id

    def _must_have_called(self, scene: Scene, job_id: str) -> None:
        statement = "SELECT status, event_id FROM webhook_delivery WHERE job_id = $1::uuid"
        [delivery] = scene.records.rows("notifier", statement, job_id)
        assert delivery["status"] == "delivered"
        assert {call.id for call in self._receiver.calls} == {delivery["event_id"]}

"""Somebody who asks over HTTP, and asks again when the answer did not come."""

from typing import Any

import httpx

from shared.testing import eventually_sync
from tests.crash_points.processes import PATIENCE
from tests.crash_points.witness import FINAL

Job = dict[str, Any]


class Person:
    """Tells a request that nobody answered from one that nobody took."""

    def __init__(self, api: str) -> None:
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=api, timeout=30, limits=limits)

    def close(self) -> None:
        self._http.close()

    def ask(self, key: str, generator: str, input: dict[str, Any], **more: Any) -> Job | None:
        """The job; None when the api died over it. Asked again, it is the same job."""
        body = {"generator": generator, "input": input, "metadata": {"asked": key}, **more}
        answer = self._post("/v1/media", json=body, headers={"idempotency-key": key})
        if answer is None:
            return None
        assert answer.status_code in {200, 202}, answer.text
        job: Job = answer.json()
        return job

    def cancel(self, job_id: str) -> None:
        """Ask for it to be stopped; it may be over already."""
        answer = self._post(f"/v1/media/{job_id}/cancel")
        assert answer is None or answer.status_code in {200, 202, 409}, answer.text

    def attach(self, job_id: str, order: str) -> None:
        """Say what the provider calls it; it may be over already."""
        decision = {"resolution": "attach", "provider_job_id": order}
        answer = self._post(f"/v1/media/{job_id}/reconcile", json=decision)
        assert answer is None or answer.status_code == 202, answer.text

    def control(self, action: str, generator: str) -> None:
        """Pause or resume it."""
        answer = self._post(f"/v1/generators/{generator}/{action}")
        assert answer is None or answer.status_code == 202, answer.text

    def wait_until_generator_is(self, generator: str, *, paused: bool) -> None:
        """It has said so itself."""

        def said() -> None:
            answer = self._http.get(f"/v1/generators/{generator}")
            assert answer.json()["paused"] is paused

        eventually_sync(said, PATIENCE)

    def replay(self, message_id: str) -> None:
        """Send the dead letter of this message back, once it is there."""
        letter_id = eventually_sync(lambda: self._letter_of(message_id), PATIENCE)
        answer = self._post(f"/v1/dead-letters/{letter_id}/replay")
        assert answer is None or answer.status_code == 200, answer.text

    def _letter_of(self, message_id: str) -> str:
        """Whether it was replayed or not."""
        letters = [
            letter
            for replayed in ("false", "true")
            for letter in self._http.get(f"/v1/dead-letters?replayed={replayed}").json()["items"]
        ]
        [letter_id] = [one["id"] for one in letters if one["message_id"] == message_id]
        return str(letter_id)

    def look(self, job_id: str) -> Job:
        answer = self._http.get(f"/v1/media/{job_id}")
        assert answer.status_code == 200, answer.text
        job: Job = answer.json()
        return job

    def wait_until(self, job_id: str, *statuses: str) -> Job:
        """The job, once it is in one of these."""

        def there() -> Job:
            job = self.look(job_id)
            assert job["status"] in statuses, job
            return job

        return eventually_sync(there, PATIENCE)

    def wait(self, job_id: str) -> Job:
        """The job in its final state."""
        return self.wait_until(job_id, *FINAL)

    def content(self, job_id: str) -> bytes:
        answer = self._http.get(f"/v1/media/{job_id}/content")
        answer.raise_for_status()
        return answer.content

    def _post(self, path: str, **more: Any) -> httpx.Response | None:
        def post() -> httpx.Response | None:
            try:
                return self._http.post(path, **more)
            except httpx.ConnectError:
                raise
            except httpx.TransportError:
                return None

        return eventually_sync(post, PATIENCE)

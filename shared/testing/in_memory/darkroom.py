"""A Darkroom in memory, for unit tests of code that uses the client.

    darkroom = DarkroomInMemory()
    darkroom.will_fail("card", "no font can draw this title")
    async with darkroom.client() as client:
        await my_shop(client).add_product("Teapot")
    assert darkroom.requests[0].input == {"title": "Teapot"}

The client is the real one; only the api behind it is not. Neighbours: `jobs`, all that a test can
say and see; `routes` and `streaming`, the api.
"""

from typing import Any

import httpx

from shared.client import DarkroomClient, SyncDarkroomClient
from shared.testing.in_memory.guarding import GuardedTransport
from shared.testing.in_memory.jobs import InMemoryJobs
from shared.testing.in_memory.routes import application
from shared.testing.in_memory.streaming import InMemoryTransport

URL = "http://darkroom.test"


class DarkroomInMemory(InMemoryJobs):
    """Makes at once what is asked for, or `step_by_step` as the test says.

    Nothing happens by itself: listeners are called within the step that they hear of, webhooks with
    `deliver_webhooks`. With an `api_key` it wants that of everybody (its clients have it); all jobs
    are of one `tenant`. Any thread may use it.
    """

    def client(self, **options: Any) -> DarkroomClient:
        """The real client, which talks to this; use it as `async with`."""
        return DarkroomClient(URL, **{**self._usual_options, **options})

    def sync_client(self, **options: Any) -> SyncDarkroomClient:
        """The same without `await`."""
        return SyncDarkroomClient(URL, **{**self._usual_options, **options})

    def transport(self) -> httpx.AsyncBaseTransport:
        """For an HTTP client of your own."""
        transport = InMemoryTransport(self, httpx.ASGITransport(application(self)))
        return GuardedTransport(transport, self.api_key) if self.api_key else transport

    @property
    def _usual_options(self) -> dict[str, Any]:
        """Never a key of the environment, which is for another one."""
        return {"transport": self.transport(), "api_key": self.api_key or ""}

"""The client follows a job over real sockets, and over a restart of the api."""

import asyncio
import signal
from functools import partial
from pathlib import Path

import pytest

from services.api.settings import ApiSettings
from shared.client import ApiUnavailableError, DarkroomClient, Job
from shared.testing import a_generator_announced, a_media_ready, a_media_started, eventually
from tests.integration.api.neighbours import Neighbours
from tests.integration.api.serving import free_port, knows_cards, serving
from tests.unit.api.builders import CARD

_PATIENCE = 20.0


async def followed(client: DarkroomClient, job: Job, seen: list[Job]) -> None:
    async for step in client.follow(job.id):
        seen.append(step)


async def test_a_job_is_followed_over_a_restart_of_the_api(
    settings: ApiSettings, neighbours: Neighbours, tmp_path: Path
) -> None:
    port, seen = free_port(), list[Job]()

    def statuses(*expected: str) -> None:
        assert [job.status for job in seen] == list(expected)

    async with DarkroomClient(f"http://127.0.0.1:{port}") as client:
        async with serving(settings, tmp_path / "first.log", port=port) as first:
            await neighbours.say(a_generator_announced())
            await eventually(partial(knows_cards, first.url), timeout=_PATIENCE)
            job = await client.request("card", CARD)
            waiting = asyncio.create_task(client.wait(job.id))
            following = asyncio.create_task(followed(client, job, seen))
            await eventually(lambda: statuses("queued"))
            await neighbours.say(a_media_started(job_id=job.id))
            await eventually(lambda: statuses("queued", "running"), timeout=_PATIENCE)
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
        with pytest.raises(ApiUnavailableError):
            await client.get(job.id)
        await neighbours.say(a_media_ready(job_id=job.id))
        async with serving(settings, tmp_path / "second.log", port=port):
            await asyncio.wait_for(asyncio.gather(following, waiting), _PATIENCE)

    statuses("queued", "running", "ready")
    assert waiting.result().status == "ready"

"""While the database is away: 503, and no promise that is not kept."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

import asyncpg
import httpx
from prometheus_client import CollectorRegistry

from services.api.metrics import ApiMetrics
from services.api.models import Status
from services.api.routes.schemas import BatchOut
from services.api.service import ApiServices
from services.api.service.drafting import JobDrafts, RequestDefaults
from services.api.service.paying import PaidRequests
from services.api.service.requests import MediaRequestService
from services.api.service.submission import Accepted
from shared.clock import uuid7
from shared.database.away import DatabaseUnavailableError
from shared.errors import RetryableError
from shared.testing import eventually
from tests.unit.api.builders import CARD, a_dead_letter, a_job, a_submission
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

REQUEST = {"generator": "card", "input": CARD}
KEY = {"Idempotency-Key": "order-7"}
AWAY = DatabaseUnavailableError("away")


def unavailable(response: httpx.Response, code: str = "unavailable") -> None:
    problem(response, 503, code)
    assert int(response.headers["retry-after"]) >= 1


async def test_every_route_says_so_and_when_to_come_back(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    await services.catalogue.renew()
    job = a_job(status=Status.FAILED)
    database.tables.jobs[job.id] = job
    letter = a_dead_letter()
    await services.dead_letters.store([letter])
    calls = [
        ("POST", "/v1/media", REQUEST),
        ("POST", "/v1/media/batch", {"requests": [REQUEST, REQUEST]}),
        ("GET", "/v1/media", None),
        ("GET", f"/v1/media/{job.id}", None),
        ("GET", f"/v1/media/{job.id}/content", None),
        ("POST", f"/v1/media/{job.id}/cancel", None),
        ("POST", f"/v1/media/{job.id}/retry", None),
        ("POST", "/v1/generators/card/pause", None),
        ("GET", "/v1/dead-letters", None),
        ("GET", "/v1/dead-letters/groups", None),
        ("GET", f"/v1/dead-letters/{letter.id}", None),
        ("POST", f"/v1/dead-letters/{letter.id}/replay", None),
        ("POST", "/v1/dead-letters/replay", {"all": True}),
        ("POST", "/v1/dead-letters/purge", {"all": True}),
        ("DELETE", f"/v1/dead-letters/{letter.id}", None),
    ]
    before = set(database.tables.jobs), len(database.tables.outbox)

    for method, path, body in calls:
        database.refuse_with = AWAY
        unavailable(await client.request(method, path, json=body))
        database.refuse_with = None

    assert (set(database.tables.jobs), len(database.tables.outbox)) == before


async def test_a_commit_of_unknown_outcome_is_503_and_its_key_tells_later(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    await client.get("/v1/generators/card")
    database.lose_answers = 1

    unavailable(await client.post("/v1/media", json=REQUEST, headers=KEY))
    later = await client.post("/v1/media", json=REQUEST, headers=KEY)

    [job] = database.tables.jobs.values()
    assert (later.status_code, later.json()["id"]) == (202, str(job.id))
    assert later.headers["idempotency-replayed"] == "true"


async def test_an_error_that_passes_is_503_whoever_names_it(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    await client.get("/v1/generators/card")
    database.fail_with = [asyncpg.DeadlockDetectedError("deadlock")]

    unavailable(await client.post("/v1/media", json=REQUEST))


async def test_a_batch_of_which_one_could_be_answered_is_answered_one_by_one(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    await client.get("/v1/generators/card")
    bad = {"generator": "card", "input": {"title": 5}}
    database.fail_with = [AWAY]

    response = await client.post("/v1/media/batch", json={"requests": [REQUEST, bad, REQUEST]})

    answers = BatchOut.model_validate_json(response.content).answers
    assert response.status_code == 200
    assert [answer.status for answer in answers] == [503, 422, 503]


async def test_nobody_waits_long_for_a_database_that_hangs(
    services: ApiServices, database: FakeDatabase
) -> None:
    metrics = ApiMetrics(CollectorRegistry())
    requests = MediaRequestService(
        database.unit_of_work,
        services.catalogue,
        JobDrafts(database.clock, uuid7, RequestDefaults()),
        services.backlog,
        metrics,
        paid=PaidRequests(database.unit_of_work, database.clock, metrics),
        rates=services.rates,
        patience=timedelta(milliseconds=20),
    )
    await services.catalogue.renew()
    database.hanging = asyncio.Event()
    requests.start()

    written, behind_it = await asyncio.gather(
        requests.submit(a_submission("http:k")),
        _later(requests.submit(a_submission())),
        return_exceptions=True,
    )
    database.hanging.set()
    await requests.stop()

    assert isinstance(written, RetryableError)
    assert isinstance(behind_it, RetryableError)
    assert len(database.tables.jobs) == 1, "what was not begun is not done behind one's back"


async def _later(submitting: Awaitable[Accepted]) -> Accepted:
    """Just late enough for the next batch."""
    await asyncio.sleep(0.01)
    return await submitting


async def test_a_caller_who_has_gone_does_not_harm_those_it_was_written_with(
    services: ApiServices, database: FakeDatabase
) -> None:
    await services.catalogue.renew()
    gone, there = (asyncio.create_task(services.requests.submit(a_submission())) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()

    accepted = await there
    await asyncio.gather(gone, return_exceptions=True)

    assert accepted.job.id in database.tables.jobs


async def test_what_was_accepted_stays_202_when_the_database_goes_while_the_client_waits(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    await client.get("/v1/generators/card")

    async def go_away() -> None:
        assert database.tables.jobs
        database.refuse_with = AWAY

    waiting = asyncio.create_task(
        client.post("/v1/media", json=REQUEST, headers={"Prefer": "wait=30"})
    )
    await eventually(go_away)
    response = await waiting

    [job_id] = database.tables.jobs
    assert (response.status_code, response.json()["id"]) == (202, str(job_id))
    assert response.json()["status"] == "queued"

"""Looking at jobs, generators, dead letters and documents over HTTP."""

from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from services.api.models import Status
from services.api.routes.schemas import GeneratorList, GeneratorOut, JobList, JobOut
from services.api.service import ApiServices
from shared.clock import uuid7
from shared.events import Asset
from shared.testing import (
    MOMENT,
    a_media_failed,
    a_media_progressed,
    a_media_ready,
    a_media_started,
    an_asset,
)
from tests.unit.api.builders import a_job, an_announced_generator, received
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem


async def test_a_queued_job_says_how_many_are_before_it(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    jobs = [a_job() for _ in range(3)]
    database.tables.jobs.update({job.id: job for job in [*jobs, a_job(lane="batch")]})

    answers = [(await client.get(f"/v1/media/{job.id}")).json() for job in jobs]

    assert [answer["queue_position"] for answer in answers] == [0, 1, 2]


async def test_a_running_job_shows_progress_and_attempts(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    await services.projection.apply([received(a_media_started(job_id=job.id))])
    services.live.note(a_media_progressed(job_id=job.id, percent=40, message="drawing"))

    found = JobOut.model_validate_json((await client.get(f"/v1/media/{job.id}")).content)

    assert found.status is Status.RUNNING
    assert found.progress is not None
    assert (found.progress.percent, found.progress.message) == (40, "drawing")
    assert found.attempts[0].number == 1
    assert found.queue_position is None


async def test_a_failed_job_says_why(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    await services.projection.apply([received(a_media_failed(job_id=job.id))])

    found = JobOut.model_validate_json((await client.get(f"/v1/media/{job.id}")).content)

    assert found.error is not None
    assert found.error.message == "The picture could not be drawn."
    assert found.urls.cancel is None


@pytest.mark.parametrize(
    ("assets", "index"),
    [
        ([an_asset(), an_asset(role="thumbnail")], 1),
        ([an_asset(width=1200, height=630)], None),
        ([an_asset(width=512, height=269)], 0),
        ([an_asset(width=64, height=64, media_type="image/svg+xml")], None),
        ([an_asset(media_type="text/plain", width=None, height=None)], None),
    ],
)
async def test_a_small_picture_of_the_result_has_an_address(
    client: httpx.AsyncClient,
    services: ApiServices,
    database: FakeDatabase,
    assets: list[Asset],
    index: int | None,
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    await services.projection.apply([received(a_media_ready(job_id=job.id, assets=assets))])

    found = JobOut.model_validate_json((await client.get(f"/v1/media/{job.id}")).content)

    address = None if index is None else f"/v1/media/{job.id}/assets/{index}"
    assert found.urls.thumbnail == address


async def test_a_picture_says_what_to_show_before_it(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    asset = an_asset(placeholder="1QcSHQRnh493V4dIh4eXh1h4kJUI")
    await services.projection.apply([received(a_media_ready(job_id=job.id, assets=[asset]))])

    found = JobOut.model_validate_json((await client.get(f"/v1/media/{job.id}")).content)

    assert found.assets[0].placeholder == "1QcSHQRnh493V4dIh4eXh1h4kJUI"


async def test_waiting_for_the_end_with_get(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    job = a_job()
    database.tables.jobs[job.id] = job
    await services.projection.apply([received(a_media_ready(job_id=job.id))])

    answer = await client.get(f"/v1/media/{job.id}", headers={"Prefer": "wait=30"})

    assert answer.json()["status"] == "ready"


async def test_others_jobs_and_garbage_are_not_there(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    other = a_job(tenant="acme")
    database.tables.jobs[other.id] = other

    for job_id in (other.id, uuid7(), "garbage", "x" * 5000):
        problem(await client.get(f"/v1/media/{job_id}"), 404, "not_found")


async def test_lists_go_on_where_they_ended(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    jobs = [a_job() for _ in range(5)]
    database.tables.jobs.update({job.id: job for job in jobs})

    found, cursor = [], None
    while True:
        params = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = JobList.model_validate_json((await client.get("/v1/media", params=params)).content)
        found += [job.id for job in page.items]
        if (cursor := page.next_cursor) is None:
            break

    assert found == [job.id for job in reversed(jobs)]


async def test_lists_are_filtered(client: httpx.AsyncClient, database: FakeDatabase) -> None:
    old = a_job(created_at=MOMENT - timedelta(days=1), generator="art")
    ready = a_job(status=Status.READY)
    database.tables.jobs.update({job.id: job for job in (old, ready)})

    async def listed(**params: str) -> list[str]:
        items = (await client.get("/v1/media", params=params)).json()["items"]
        return [item["id"] for item in items]

    assert await listed(status="ready") == [str(ready.id)]
    assert await listed(generator="art") == [str(old.id)]
    assert await listed(created_before=MOMENT.isoformat()) == [str(old.id)]
    assert await listed(created_after="2026-01-02T00:00:00+01:00") == [str(ready.id)]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=0", "/query/limit"),
        ("limit=201", "/query/limit"),
        ("limit=x", "/query/limit"),
        ("status=nice", "/query/status/0"),
        ("created_after=yesterday", "/query/created_after"),
        ("cursor=nonsense", "/query/cursor"),
        ("colour=red", "/query/colour"),
    ],
)
async def test_a_bad_filter_is_named(client: httpx.AsyncClient, query: str, pointer: str) -> None:
    found = problem(await client.get(f"/v1/media?{query}"), 422, "invalid_input")

    assert [error.pointer for error in found.errors or ()] == [pointer]


async def test_generators_are_shown_with_schema_and_example(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    await services.catalogue.renew()
    listed = GeneratorList.model_validate_json((await client.get("/v1/generators")).content)
    one = GeneratorOut.model_validate_json((await client.get("/v1/generators/card")).content)

    assert listed.items == [one]
    assert one.input_schema == an_announced_generator().input_schema
    problem(await client.get("/v1/generators/crad"), 404, "not_found")


async def test_documents_are_served(client: httpx.AsyncClient) -> None:
    openapi = (await client.get("/openapi.json")).json()
    asyncapi = (await client.get("/asyncapi")).json()

    assert openapi["openapi"].startswith("3.1")
    assert asyncapi["asyncapi"].startswith("3.")
    assert (await client.get("/docs")).status_code == 200


async def test_every_problem_and_body_in_openapi_is_documented(
    client: httpx.AsyncClient,
) -> None:
    document = (await client.get("/openapi.json")).json()
    schemas = document["components"]["schemas"]

    assert "HTTPValidationError" not in str(document)
    for path in document["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"]
    references = {
        part.split('"')[0] for part in str(document).replace("'", '"').split("/schemas/")[1:]
    }
    assert references <= schemas.keys()
    assert schemas["RequestSpec"]["additionalProperties"] is False


async def test_what_is_not_there_is_a_problem_too(client: httpx.AsyncClient) -> None:
    problem(await client.get("/nowhere"), 404, "not_found")
    response = await client.delete("/v1/media")
    problem(response, 405, "method_not_allowed")
    assert response.headers["allow"] == "GET, POST"


async def test_answers_keep_the_shape_of_a_full_job(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job = replace(
        a_job(),
        webhook={"url": "https://a.example", "events": None},
        deadline_at=MOMENT,
        attempt_timeout_seconds=30,
        total_timeout_seconds=600,
        finish_by=MOMENT,
        expires_in=60,
        retried_from=uuid7(),
        status=Status.READY,
    )
    database.tables.jobs[job.id] = job

    answer = await client.get(f"/v1/media/{job.id}")

    told_at_times = {"queue_position", "reconciliation"}
    assert set(answer.json()) | told_at_times == set(JobOut.model_fields)
    assert JobOut.model_validate_json(answer.content).retried_from == job.retried_from


async def test_requests_are_listed_by_several_states_and_oldest_first_page_by_page(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    jobs = [a_job(status=Status(status)) for status in ("ready", "failed", "queued", "ready")]
    database.tables.jobs = {job.id: job for job in jobs}
    wanted = "/v1/media?status=ready&status=failed&order=oldest&limit=2"

    first = (await client.get(wanted)).json()
    second = (await client.get(f"{wanted}&cursor={first['next_cursor']}")).json()

    shown = [one["id"] for page in (first, second) for one in page["items"]]
    assert shown == [str(jobs[index].id) for index in (0, 1, 3)]
    assert second["next_cursor"] is None


async def test_requests_are_found_by_their_metadata(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    job, other = a_job(metadata={"order": 7, "a.b": "c d"}), a_job(metadata={"order": 8})
    database.tables.jobs = {one.id: one for one in (job, other)}

    found = await client.get("/v1/media?metadata.order=7&metadata.a.b=c%20d")

    assert [one["id"] for one in found.json()["items"]] == [str(job.id)]


@pytest.mark.parametrize(
    "query",
    [
        "orders=newest",
        "metadata.=1",
        "metadata=1",
        "order=best",
        "status=done",
        "&".join(f"metadata.{number}=1" for number in range(11)),
        "metadata.a=%00",
        "metadata.%00=a",
        "generator=%00",
    ],
)
async def test_a_filter_that_nobody_knows_is_refused(client: httpx.AsyncClient, query: str) -> None:
    problem(await client.get(f"/v1/media?{query}"), 422, "invalid_input")

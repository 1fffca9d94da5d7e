"""Limits over HTTP: how often, how much, and what is told of it."""

import asyncio
import json

import httpx
import pytest
from prometheus_client import CollectorRegistry

from services.api.errors import IdempotencyKeyReusedError
from services.api.models import Policy, Rate, TenantLimits
from services.api.routes import http_app
from services.api.routes.limits import LimitsOut
from services.api.service import ApiServices
from services.api.service.submission import Accepted
from shared.database.away import DatabaseUnavailableError
from shared.errors import DarkroomError
from shared.http import protocol_for
from shared.testing import FixedClock
from tests.unit.api.builders import a_submission
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import REQUEST, problem
from tests.unit.http.wire import Served

SLOWLY = 36_000


@pytest.fixture
def tenant_limits() -> TenantLimits:
    return TenantLimits(requests=Rate(8, SLOWLY), jobs=Rate(3, SLOWLY), streams=5)


def left(response: httpx.Response) -> dict[str, int]:
    """What is left, by policy, as the answer's header says."""
    items = [item.split(";") for item in response.headers["ratelimit"].split(", ")]
    return {name.strip('"'): int(r.removeprefix("r=")) for name, r, _ in items}


async def test_answers_say_what_may_be_asked_and_what_is_left(client: httpx.AsyncClient) -> None:
    asked = await client.post("/v1/media", json=REQUEST)
    looked = await client.get(asked.headers["location"])

    assert asked.headers["ratelimit-policy"] == '"requests";q=8;w=36000, "jobs";q=3;w=36000'
    assert asked.headers["ratelimit"] == '"requests";r=7;t=4500, "jobs";r=2;t=12000'
    assert looked.headers["ratelimit-policy"] == '"requests";q=8;w=36000'
    assert left(looked) == {"requests": 6}


async def test_who_asks_for_too_much_is_told_which_and_when(client: httpx.AsyncClient) -> None:
    for _ in range(3):
        assert (await client.post("/v1/media", json=REQUEST)).status_code == 202

    refused = await client.post("/v1/media", json=REQUEST)

    found = problem(refused, 429, "rate_limited")
    assert found.model_extra is not None
    assert (found.model_extra["policy"], found.model_extra["limit"]) == ("jobs", 3)
    assert int(refused.headers["retry-after"]) == 12_000
    assert left(refused) == {"requests": 4, "jobs": 0}


async def test_who_calls_too_often_is_refused_before_anything_is_read(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    for _ in range(8):
        await client.get("/v1/generators")

    refused = await client.post("/v1/media", content=b"{")

    problem(refused, 429, "rate_limited")
    assert left(refused) == {"requests": 0}
    assert services.rates.find("default", Policy.JOBS) is not None


async def test_a_limit_can_be_raised_by_whoever_has_used_it_up(client: httpx.AsyncClient) -> None:
    for _ in range(9):
        refused = await client.get("/v1/limits")
    problem(refused, 429, "rate_limited")

    raised = await client.put(
        "/v1/limits/default", json={"requests": {"quota": 100, "seconds": 60}, "jobs": None}
    )

    shown = LimitsOut.model_validate_json(raised.content)
    assert shown.requests is not None
    assert (shown.requests.quota, shown.requests.left) == (100, 92)
    assert (shown.jobs, shown.exceptions) == (None, ["jobs", "requests"])
    assert (await client.get("/v1/limits")).status_code == 200


async def test_what_was_accepted_before_is_answered_again_and_counts_once(
    client: httpx.AsyncClient, registry: CollectorRegistry
) -> None:
    keys = [{"Idempotency-Key": key} for key in "aab"]
    first, again, other = [
        await client.post("/v1/media", json=REQUEST, headers=key) for key in keys
    ]
    await client.post("/v1/media", json=REQUEST)
    refused = await client.post("/v1/media", json=REQUEST)
    late = await client.post("/v1/media", json=REQUEST, headers=keys[0])

    assert [left(one)["jobs"] for one in (first, again, other)] == [2, 2, 1]
    problem(refused, 429, "rate_limited")
    assert late.json()["id"] == first.json()["id"] == again.json()["id"]
    name, labels = "darkroom_limit_refusals_total", {"policy": "jobs"}
    assert registry.get_sample_value(name, labels) == 1


async def test_what_is_refused_for_another_reason_does_not_count(
    client: httpx.AsyncClient,
) -> None:
    for _ in range(4):
        assert (await client.post("/v1/media", json={"generator": "card"})).status_code == 422

    assert left(await client.post("/v1/media", json=REQUEST))["jobs"] == 2


async def test_of_a_batch_so_many_are_accepted_as_may_be(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/media/batch", json={"requests": [REQUEST] * 5})

    answers = response.json()["answers"]
    assert [one["status"] for one in answers] == [202, 202, 202, 429, 429]
    assert answers[4]["problem"]["code"] == "rate_limited"
    assert left(response) == {"requests": 7, "jobs": 0}


async def test_both_ways_into_the_api_count_alike(services: ApiServices) -> None:
    body = json.dumps(REQUEST).encode()
    said = (
        f"POST /v1/media HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: {len(body)}"
        "\r\nContent-Type: application/json\r\n\r\n"
    ).encode() + body
    looking = b"GET /v1/media/01900000-0000-7000-8000-000000000000 HTTP/1.1\r\nHost: a\r\n"
    looking += b"Connection: close\r\n\r\n"
    async with Served(app := http_app(services), protocol_for(app)).running() as quick:
        answers = [await quick.hear(said) for _ in range(4)]
        unknown = [await quick.hear(looking) for _ in range(5)]

    statuses = [answer.split()[1] for answer in answers]
    assert statuses == [b"202", b"202", b"202", b"429"]
    assert b'ratelimit: "requests";r=7;t=4500, "jobs";r=2;t=12000\r\n' in answers[0]
    assert b'"jobs";r=0;t=12000\r\n' in answers[3]
    assert [one.split()[1] for one in unknown] == [b"404"] * 4 + [b"429"]
    assert b'ratelimit: "requests";r=0' in unknown[4]


async def test_doors_that_are_not_http_count_jobs_too(services: ApiServices) -> None:
    submissions = [a_submission(tenant=name) for name in ("shop", "press") for _ in range(4)]

    outcomes = await asyncio.gather(
        *(services.requests.submit(one) for one in submissions), return_exceptions=True
    )

    accepted = [isinstance(one, Accepted) for one in outcomes]
    assert accepted == [True, True, True, False] * 2
    assert isinstance(outcomes[3], DarkroomError)
    assert outcomes[3].code == "rate_limited"


async def test_what_may_have_been_accepted_counts_and_what_was_not_does_not(
    services: ApiServices, database: FakeDatabase
) -> None:
    database.tables.said_of_limits["shop"] = {"jobs": {"quota": 1000, "seconds": SLOWLY}}
    await services.limit_catalogue.renew()
    for _ in range(2):  # then one more is held in memory
        await services.requests.submit(a_submission("a", "shop"))
    allowance = services.rates.find("shop", Policy.JOBS)
    assert allowance is not None
    with pytest.raises(IdempotencyKeyReusedError):
        await services.requests.submit(a_submission("a", "shop", priority="batch"))
    after_a_refusal, database.lose_answers = allowance.left, 1

    with pytest.raises(DatabaseUnavailableError):
        await services.requests.submit(a_submission("b", "shop"))

    assert (after_a_refusal, allowance.left) == (999, 998)


async def test_limits_are_shown_with_what_is_used(
    client: httpx.AsyncClient, clock: FixedClock
) -> None:
    await client.post("/v1/media", json=REQUEST)
    await client.post("/v1/uploads?filename=a.csv", content=b"a,b\n")

    shown = LimitsOut.model_validate_json((await client.get("/v1/limits")).content)

    assert shown.tenant == "default"
    assert shown.jobs is not None
    assert (shown.jobs.quota, shown.jobs.seconds, shown.jobs.left) == (3, SLOWLY, 2)
    assert (shown.uploads.used, shown.uploads.limit, shown.upload_bytes.used) == (1, None, 4)
    assert (shown.queued_jobs.used, shown.streams.limit, shown.exceptions) == (1, 5, [])


async def test_exceptions_are_listed_shown_and_taken_back(client: httpx.AsyncClient) -> None:
    said = {"jobs": {"quota": 5}, "uploads": 7, "streams": None}
    changed = await client.put("/v1/limits/shop", json=said)
    listed = await client.get("/v1/limited-tenants")
    gone = await client.delete("/v1/limits/shop")
    shown = LimitsOut.model_validate_json((await client.get("/v1/limits/shop")).content)

    assert changed.json()["jobs"] == {"quota": 5, "seconds": 60, "left": 5}
    assert changed.json()["streams"]["limit"] is None
    assert listed.json() == {"tenants": ["shop"]}
    assert gone.status_code == 204
    assert shown.jobs is not None
    assert (shown.jobs.quota, shown.streams.limit, shown.exceptions) == (3, 5, [])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"jobs": {"quota": 0}}, "/jobs/quota"),
        ({"jobs": {"quota": 5, "seconds": 0}}, "/jobs/seconds"),
        ({"jobs": "5/minute"}, "/jobs"),
        ({"uploads": 0}, "/uploads"),
        ({"upload_bytes": -1}, "/upload_bytes"),
        ({"jbos": 1}, "/jbos"),
    ],
)
async def test_what_is_no_limit_is_named(
    client: httpx.AsyncClient, body: object, pointer: str
) -> None:
    response = await client.put("/v1/limits/shop", json=body)

    [error] = problem(response, 422, "invalid_input").errors or []
    assert error.pointer == pointer


async def test_a_tenant_that_cannot_be_is_named(client: httpx.AsyncClient) -> None:
    problem(await client.put("/v1/limits/a b", json={}), 422, "invalid_input")


async def test_what_stands_outside_the_api_is_not_counted(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    for path in ("/openapi.json", "/asyncapi"):
        assert "ratelimit" not in (await client.get(path)).headers

    for _ in range(9):
        answer = await client.get("/v1/limits/default")

    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
    allowance = services.rates.find("default", Policy.REQUESTS)
    assert allowance is not None
    assert allowance.left is None

"""Nobody comes in unknown, and nothing is read of him before."""

import json

import httpx
import pytest
from starlette.types import Message

from services.api.models import ANYBODY, Scope
from services.api.routes import fast_api, http_app
from services.api.routes.openapi import operations_of
from services.api.service import ApiServices
from tests.unit.api.guarded import FIRST_KEY, REQUEST, SOME_JOB, UNKNOWN, a_key, bearer, refused


def test_every_route_names_its_scope(services: ApiServices) -> None:
    operations = list(operations_of(fast_api(services)))

    assert len(operations) > 50
    without = {path for _, path, scope in operations if scope is None}
    assert without == {"/asyncapi", "/docs", "/docs/oauth2-redirect"}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/asyncapi"])
async def test_documents_need_no_key(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/media", "//v1/media", "/V1/media", "/nothing"])
async def test_everything_else_needs_one(client: httpx.AsyncClient, path: str) -> None:
    refused(await client.get(path), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("", "begin with Bearer"),
        ("Bearer", "not a key"),
        (f"Basic {UNKNOWN}", "begin with Bearer"),
        (f"Bearer{UNKNOWN}", "begin with Bearer"),
        (UNKNOWN, "begin with Bearer"),
        (f"Bearer {UNKNOWN}", "no such key"),
        (f"Bearer\t{UNKNOWN}", "begin with Bearer"),
        (f"Bearer {UNKNOWN}, Bearer {UNKNOWN}", "not a key"),
        (f'Bearer "{UNKNOWN}"', "not a key"),
        ("Bearer " + "x" * 10_000, "not a key"),
        ("Bearer dk_ключ", "not a key"),
    ],
)
async def test_what_does_not_say_a_key_is_told_why(
    client: httpx.AsyncClient, said: str, why: str
) -> None:
    headers = {b"authorization": said.encode()}

    told = refused(await client.get(SOME_JOB, headers=headers), 401, "unauthenticated")

    assert why in told["detail"]
    assert UNKNOWN not in json.dumps(told)


async def test_the_scheme_is_read_in_any_case(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    _, header = await a_key(services)
    token = header["authorization"].split()[1]

    for said in (f"bearer {token}", f"BEARER  {token} "):
        answer = await client.get("/v1/media", headers={"authorization": said})
        assert answer.status_code == 200


async def test_two_keys_at_once_are_none(client: httpx.AsyncClient, services: ApiServices) -> None:
    _, good = await a_key(services)
    headers = [("authorization", good["authorization"]), ("authorization", f"Bearer {UNKNOWN}")]

    for said in (headers, headers[::-1]):
        told = refused(await client.get("/v1/media", headers=said), 401, "unauthenticated")
        assert "more than once" in told["detail"]


async def test_a_scope_is_not_another(client: httpx.AsyncClient, services: ApiServices) -> None:
    _, reader = await a_key(services, Scope.MEDIA_READ)

    answer = await client.post("/v1/media", json=REQUEST, headers=reader)

    assert refused(answer, 403, "scope_missing")["scope"] == "media:write"
    assert (await client.get("/v1/media", headers=reader)).status_code == 200


async def test_an_unknown_key_is_told_before_what_is_wrong_with_the_request(
    client: httpx.AsyncClient,
) -> None:
    for method, path in (("GET", SOME_JOB), ("PUT", "/v1/media"), ("GET", "/v1/media?limit=0")):
        refused(await client.request(method, path), 401, "unauthenticated")


async def test_nothing_is_read_of_who_is_unknown(services: ApiServices) -> None:
    said: list[Message] = []

    async def receive() -> Message:
        raise AssertionError("nothing is to be read")

    async def send(message: Message) -> None:
        said.append(message)

    asked = {"type": "http", "method": "POST", "path": "/v1/uploads", "query_string": b""}
    headers = [(b"content-length", b"10000000000")]
    await http_app(services, keys_needed=True)({**asked, "headers": headers}, receive, send)

    assert said[0]["status"] == 401


async def test_others_jobs_are_as_unknown_as_those_that_never_were(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    _, ours = await a_key(services, tenant="shop")
    _, theirs = await a_key(services, tenant="rival")
    job = (await client.post("/v1/media", json=REQUEST, headers=ours)).json()

    there = await client.get(job["urls"]["self"], headers=theirs)
    nowhere = await client.get(SOME_JOB, headers=theirs)

    assert job["tenant"] == "shop"
    assert refused(there, 404, "not_found")["detail"] == (
        nowhere.json()["detail"].replace(SOME_JOB.rpartition("/")[2], job["id"])
    )
    assert (await client.get("/v1/media", headers=theirs)).json()["items"] == []


async def test_an_operator_acts_for_a_tenant(
    client: httpx.AsyncClient, services: ApiServices
) -> None:
    _, shop = await a_key(services, tenant="shop")
    headers = bearer(FIRST_KEY) | {"x-darkroom-tenant": "shop"}

    job = (await client.post("/v1/media", json=REQUEST, headers=headers)).json()

    assert job["tenant"] == "shop"
    assert (await client.get(job["urls"]["self"], headers=shop)).status_code == 200
    refused(await client.get(job["urls"]["self"], headers=bearer(FIRST_KEY)), 404, "not_found")


async def test_nobody_else_does(client: httpx.AsyncClient, services: ApiServices) -> None:
    _, shop = await a_key(services, Scope.MEDIA_READ, tenant="shop")

    answer = await client.get("/v1/media", headers=shop | {"x-darkroom-tenant": "rival"})

    assert refused(answer, 403, "scope_missing")["scope"] == "operate"
    mine = await client.get("/v1/media", headers=shop | {"x-darkroom-tenant": "shop"})
    assert mine.status_code == 200


@pytest.mark.parametrize("tenant", ["", " ", "a b", "a\x00", "ü", "x" * 65, "a,b"])
async def test_what_is_no_tenant_is_refused(client: httpx.AsyncClient, tenant: str) -> None:
    headers = {
        b"authorization": f"Bearer {FIRST_KEY}".encode(),
        b"x-darkroom-tenant": tenant.encode(),
    }

    answer = await client.get("/v1/media", headers=headers)

    assert refused(answer, 422, "invalid_input")["errors"][0]["pointer"] == (
        "/header/x-darkroom-tenant"
    )


async def test_without_keys_everybody_may_do_everything(services: ApiServices) -> None:
    transport = httpx.ASGITransport(app=http_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        answer = await client.post("/v1/media", json=REQUEST, headers={"authorization": "nonsense"})

    assert answer.status_code == 202
    assert answer.json()["tenant"] == ANYBODY.tenant

"""The door: nobody comes in unknown, by any way, and nothing is read of him before."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from prometheus_client import CollectorRegistry
from starlette.types import Message
from structlog.testing import capture_logs

from services.api.models import ANYBODY, Rate, Scope, Status, TenantLimits
from services.api.routes import fast_api, http_app
from services.api.routes.authenticating import Authenticating, Door
from services.api.routes.openapi import operations_of
from services.api.service import ApiServices, make_services
from shared.clock import uuid7
from shared.database.away import DatabaseUnavailableError
from shared.http import CUT, exception_handlers, protocol_for
from shared.storage import AssetStore
from shared.testing import FixedClock, RecordingPublisher
from tests.unit.api.builders import CARD, a_job
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.guarded import FIRST_KEY, a_key, bearer
from tests.unit.http.wire import Served, until

REQUEST = {"generator": "card", "input": CARD}
UNKNOWN = f"dk_{'0' * 32}_{'0' * 64}"
SOME_JOB = "/v1/media/01900000-0000-7000-8000-000000000000"


@pytest.fixture
async def services(
    database: FakeDatabase,
    clock: FixedClock,
    *,
    assets: AssetStore,
    publisher: RecordingPublisher,
    tenant_limits: TenantLimits,
) -> AsyncIterator[ApiServices]:
    services = make_services(
        database.unit_of_work,
        assets,
        publisher,
        clock=clock,
        new_id=uuid7,
        registry=CollectorRegistry(),
        operator_key=FIRST_KEY,
        tenant_limits=tenant_limits,
    )
    services.key_ring.start()
    services.rates.start()
    services.requests.start()
    yield services
    await services.requests.stop()
    await services.rates.stop()
    await services.key_ring.stop()


@pytest.fixture
async def client(services: ApiServices) -> AsyncIterator[httpx.AsyncClient]:
    app = http_app(services, keys_needed=True)
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
        yield client


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    told: dict[str, Any] = answer.json()
    assert (answer.status_code, told["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert ("www-authenticate" in answer.headers) is (status == 401)
    return told


def test_every_route_names_its_scope(services: ApiServices) -> None:
    operations = list(operations_of(fast_api(services)))

    assert len(operations) > 50
    without = {path for _, path, scope in operations if scope is None}
    assert without == {"/asyncapi", "/docs", "/docs/oauth2-redirect"}


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/asyncapi"])
async def test_documents_need_no_key(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.get(path)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/health/../v1/media",
        "/health/..%2fv1/media",
        "/health//v1/media",
        "/static-offline-docs/../v1/media",
        "/static-offline-docs/..%2f..%2fv1/media",
        "/openapi.json?/v1/media",
        "/docs#/v1/media",
        "/health/v1/media",
    ],
)
async def test_no_way_leads_from_what_is_open_to_what_is_not(
    services: ApiServices, path: str
) -> None:
    app = http_app(services, keys_needed=True)
    async with Served(app, protocol_for(app)).running() as served:
        heard = await served.hear(
            f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
        )

    assert b"items" not in heard.partition(b"\r\n\r\n")[2][:20]
    assert heard[9:12] in {b"200", b"401", b"404"}


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


@pytest.mark.parametrize("http", ["httptools", "direct"])
@pytest.mark.parametrize("scope", ["media:read", "media:write"])
async def test_the_log_says_who_it_was_and_not_what_he_said(
    services: ApiServices, http: str, scope: str
) -> None:
    app = http_app(services, keys_needed=True)
    key, header = await a_key(services, scope)
    wire = f"GET {SOME_JOB} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: "
    with capture_logs() as lines:
        async with Served(app, protocol_for(app) if http == "direct" else http).running() as served:
            await served.hear(f"{wire}{header['authorization']}\r\n\r\n".encode())

    [line] = [one for one in lines if one["event"] == "request.handled"]
    assert (line["tenant"], line["by"]) == ("shop", f"app ({key.id})")
    assert header["authorization"].rpartition("_")[2] not in str(lines)


SAYINGS = {
    "none": "",
    "unknown": f"Authorization: Bearer {UNKNOWN}\r\n",
    "basic": "Authorization: Basic YTpi\r\n",
    "twice": f"Authorization: Bearer {UNKNOWN}\r\nAuthorization: Bearer {UNKNOWN}\r\n",
    "bytes": "Authorization: Bearer \xff\xfe\r\n",
    "long": f"Authorization: Bearer {'x' * 10_000}\r\n",
    "reader": "Authorization: Bearer {reader}\r\n",
    "reader for another": "Authorization: Bearer {reader}\r\nX-Darkroom-Tenant: rival\r\n",
    "writer": "Authorization: bearer {writer}\r\nIdempotency-Key: k\r\n",
    "writer twice": "authorization: bearer {writer}\r\nAUTHORIZATION: bearer {writer}\r\n",
    "no tenant": f"Authorization: Bearer {FIRST_KEY}\r\nX-Darkroom-Tenant: a b\r\n",
}


@pytest.mark.parametrize(
    "tenant_limits",
    [TenantLimits(), TenantLimits(requests=Rate(1_000_000, 1))],
    ids=["unlimited", "limited"],
)
@pytest.mark.parametrize("saying", SAYINGS)
@pytest.mark.parametrize("asks", ["POST /v1/media", f"GET {SOME_JOB}"])
async def test_both_ways_answer_alike(services: ApiServices, saying: str, asks: str) -> None:
    app = http_app(services, keys_needed=True)
    _, reader = await a_key(services, Scope.MEDIA_READ)
    _, writer = await a_key(services, Scope.MEDIA_WRITE)
    tokens = {
        name: one["authorization"].split()[1]
        for name, one in (("reader", reader), ("writer", writer))
    }
    body = json.dumps(REQUEST) if asks.startswith("POST") else ""
    kind = "Content-Type: application/json\r\n" + f"Content-Length: {len(body)}\r\n" if body else ""
    said = SAYINGS[saying].format(**tokens) if "{" in SAYINGS[saying] else SAYINGS[saying]
    wire = f"{asks} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{kind}{said}\r\n{body}"
    async with (
        Served(app, "httptools").running() as usual,
        Served(app, protocol_for(app)).running() as quick,
    ):
        await quick.hear(wire.encode("latin-1"))  # so that both are a replay

        expected = await usual.hear(wire.encode("latin-1"))

        assert await quick.hear(wire.encode("latin-1")) == expected
        assert expected.startswith(b"HTTP/1.1 " + _expected(saying, asks))


def _expected(saying: str, asks: str) -> bytes:
    if saying in {"none", "unknown", "basic", "twice", "bytes", "long", "writer twice"}:
        return b"401"
    if saying == "no tenant":
        return b"422"
    reads = asks.startswith("GET")
    if saying == "writer":
        return b"403" if reads else b"202"
    return b"404" if reads and saying == "reader" else b"403"


async def test_keys_of_one_connection_are_not_mixed_up(services: ApiServices) -> None:
    app = http_app(services, keys_needed=True)
    _, shop = await a_key(services, tenant="shop")
    _, rival = await a_key(services, tenant="rival")
    body = json.dumps(REQUEST)

    def said(header: dict[str, str], end: str = "") -> bytes:
        head = f"POST /v1/media HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{end}"
        more = f"Authorization: {header['authorization']}\r\nContent-Length: {len(body)}\r\n"
        return f"{head}{more}\r\n{body}".encode()

    async with Served(app, protocol_for(app)).running() as quick:
        wire = said(shop) + said(rival) + said(shop, "Connection: close\r\n")
        heard = await quick.hear(wire)

    assert re.findall(rb'"tenant":"(\w+)"', heard) == [b"shop", b"rival", b"shop"]


@pytest.mark.parametrize("http", ["httptools", "direct"])
async def test_without_the_database_a_key_that_nobody_has_used_is_neither_good_nor_bad(
    services: ApiServices, database: FakeDatabase, http: str
) -> None:
    app = http_app(services, keys_needed=True)
    _, header = await a_key(services)
    database.refuse_with = DatabaseUnavailableError()
    wire = f"GET {SOME_JOB} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: "
    async with Served(app, protocol_for(app) if http == "direct" else http).running() as served:
        heard = await served.hear(f"{wire}{header['authorization']}\r\n\r\n".encode())

    assert heard.startswith(b"HTTP/1.1 503 ")
    assert b"retry-after: 2" in heard


class Listener:
    """Somebody who listens to events, with nothing in between, and `takes` so many messages."""

    def __init__(
        self, services: ApiServices, header: dict[str, str], takes: int | None = None
    ) -> None:
        self.said: list[Message] = []
        self.cut = asyncio.Event()
        self._takes = takes
        headers = [(name.encode(), value.encode()) for name, value in header.items()]
        asked = {"type": "http", "method": "GET", "path": "/v1/events", "query_string": b""}
        extensions = {CUT: {"now": self.cut.set}}
        self._asked = {**asked, "headers": headers, "extensions": extensions}
        self._app = http_app(services, keys_needed=True)
        self.task = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        await self._app(self._asked, self._stay, self._hear)

    async def _stay(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    async def _hear(self, message: Message) -> None:
        if len(self.said) == self._takes:
            await asyncio.Event().wait()
        self.said.append(message)

    @property
    def ended(self) -> bool:
        return self.task.done() and not self.said[-1].get("more_body", False)


async def test_a_stream_ends_with_its_key(services: ApiServices, clock: FixedClock) -> None:
    revoked, first = await a_key(services)
    _, second = await a_key(services, lasting=timedelta(minutes=1))
    _, third = await a_key(services)
    one, two, three = (Listener(services, header) for header in (first, second, third))
    await until(lambda: all(listener.said for listener in (one, two, three)))

    await services.keys.revoke(ANYBODY, revoked.id)
    await services.key_ring.renew()
    await until(lambda: one.ended)
    assert not two.task.done()

    clock.advance(timedelta(minutes=1))
    await services.key_ring.renew()
    await until(lambda: two.ended)
    assert not three.task.done()

    three.task.cancel()
    await asyncio.gather(three.task, return_exceptions=True)
    assert services.hub.empty


async def test_whoever_takes_nothing_any_more_is_cut_off(services: ApiServices) -> None:
    key, header = await a_key(services)
    listener = Listener(services, header, takes=1)
    await until(lambda: listener.said)

    await services.keys.revoke(ANYBODY, key.id)
    await services.key_ring.renew()
    await asyncio.sleep(0)
    await services.key_ring.renew()  # it is still on its way out

    await until(listener.cut.is_set)
    await listener.task
    assert services.hub.empty


async def test_what_takes_too_long_elsewhere_is_no_lost_key(services: ApiServices) -> None:
    async def late(*_: Any) -> Any:
        raise TimeoutError

    _, header = await a_key(services)
    headers = [(name.encode(), value.encode()) for name, value in header.items()]
    app = Authenticating(late, Door(services.access), exception_handlers())
    with pytest.raises(TimeoutError):
        await app({"type": "http", "path": "/v1/media", "headers": headers}, late, late)


async def test_whoever_waits_when_the_key_ends_is_answered(
    client: httpx.AsyncClient, services: ApiServices, clock: FixedClock, database: FakeDatabase
) -> None:
    _, header = await a_key(services, lasting=timedelta(minutes=1))
    waiting = asyncio.create_task(
        client.post("/v1/media", json=REQUEST, headers=header | {"prefer": "wait=1"})
    )
    await until(lambda: database.tables.jobs)
    clock.advance(timedelta(minutes=2))
    await services.key_ring.renew()

    answer = await waiting

    assert answer.status_code == 202
    refused(await client.get(answer.json()["urls"]["self"], headers=header), 401, "unauthenticated")


async def test_a_deletion_says_by_whom(
    client: httpx.AsyncClient, services: ApiServices, database: FakeDatabase
) -> None:
    key, header = await a_key(services)
    job = a_job(tenant="shop", status=Status.READY)
    database.tables.jobs[job.id] = job

    await client.delete(f"/v1/media/{job.id}", headers=header)

    left = (await client.get("/v1/media/deleted", headers=header)).json()["items"]
    assert [one["deleted_by"] for one in left] == [f"app ({key.id})"]

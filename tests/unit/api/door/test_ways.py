"""Both ways into the api lead through the same door, and none around it."""

import json
import re

import pytest
from structlog.testing import capture_logs

from services.api.models import Rate, Scope, TenantLimits
from services.api.routes import http_app
from services.api.service import ApiServices
from shared.database.away import DatabaseUnavailableError
from shared.http import protocol_for
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.guarded import FIRST_KEY, REQUEST, SOME_JOB, UNKNOWN, a_key
from tests.unit.http.wire import Served


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

"""A walk over every operation that the api documents, by two tenants who must not meet.

On the whole stack, with jobs that are made, streams that are open and webhooks that are called.
"""

import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.testing import RunningDarkroom
from shared.testing import eventually_sync
from shared.testing.webhook_receiver import WebhookReceiver
from tests.e2e.belongings import ALL_BUT_OPERATE, SCOPES, Tenant
from tests.e2e.conftest import Surroundings
from tests.e2e.walk import NAMES, WALK

STRANGE = {thing: str(uuid4()) for thing in NAMES}
"""Ids of nothing."""


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory, surroundings: Surroundings
) -> Iterator[RunningDarkroom]:
    settings = {**surroundings(), "DARKROOM_AUTH": "keys"}
    with RunningDarkroom(tmp_path_factory.mktemp("tenants"), settings) as running:
        yield running


@pytest.fixture(scope="module")
def operator(running: RunningDarkroom) -> Iterator[httpx.Client]:
    headers = {"authorization": f"Bearer {running.api_key}"}
    with httpx.Client(base_url=running.url, headers=headers, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def receiver() -> Iterator[WebhookReceiver]:
    with WebhookReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def ours(operator: httpx.Client) -> Iterator[Tenant]:
    with WebhookReceiver() as receiver, closing(Tenant(operator, "ours")) as tenant:
        tenant.acquire(receiver)
        yield tenant


@pytest.fixture(scope="module")
def theirs(operator: httpx.Client, receiver: WebhookReceiver) -> Iterator[Tenant]:
    with closing(Tenant(operator, "theirs")) as tenant:
        tenant.acquire(receiver)
        yield tenant


@pytest.fixture(scope="module")
def others(operator: httpx.Client) -> Iterator[Tenant]:
    """Somebody else, who has nothing."""
    with closing(Tenant(operator, "others")) as tenant:
        yield tenant


@pytest.fixture(scope="module")
def document(operator: httpx.Client) -> dict[str, Any]:
    shown: dict[str, Any] = operator.get("/openapi.json").json()
    return shown


@pytest.fixture(scope="module", autouse=True)
def nothing_of_ours_changes(ours: Tenant) -> Iterator[None]:
    before = ours.seen()
    yield
    assert ours.seen() == before


def scope_of(document: dict[str, Any], operation: str) -> str:
    method, path = operation.split()
    [needed] = document["paths"][path][method.lower()]["security"]
    return str(needed["key"][0])


def sent(http: httpx.Client, operation: str, things: dict[str, str], **more: Any) -> httpx.Response:
    method, path = operation.split()
    target, body = WALK[operation].ask(path, things)
    return http.request(method, target, **body, **more)


def test_every_operation_has_a_line_in_the_walk(document: dict[str, Any]) -> None:
    known = {f"{method.upper()} {path}" for path, at in document["paths"].items() for method in at}

    assert known == set(WALK)


@pytest.mark.parametrize("operation", WALK)
def test_without_a_key_there_is_no_answer(
    running: RunningDarkroom, ours: Tenant, operation: str
) -> None:
    with httpx.Client(base_url=running.url) as nobody:
        for things in (ours.things, STRANGE):
            answer = sent(nobody, operation, things)
            assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


@pytest.fixture(scope="module")
def all_but(theirs: Tenant) -> dict[str, httpx.Client]:
    """A key for each scope: it allows all others."""
    return {scope: theirs.client([one for one in SCOPES if one != scope]) for scope in SCOPES}


@pytest.mark.parametrize("operation", WALK)
def test_without_its_scope_there_is_no_answer(
    document: dict[str, Any], all_but: dict[str, httpx.Client], theirs: Tenant, operation: str
) -> None:
    scope = scope_of(document, operation)

    answer = sent(all_but[scope], operation, theirs.things)

    shown = answer.json()
    assert (answer.status_code, shown["code"], shown["scope"]) == (403, "scope_missing", scope)


@pytest.mark.parametrize("operation", [name for name, visit in WALK.items() if visit.of])
def test_what_is_ours_is_to_them_as_if_it_never_was(
    document: dict[str, Any], ours: Tenant, theirs: Tenant, operation: str
) -> None:
    http = theirs.http
    if scope_of(document, operation) == "operate":
        http = theirs.client(SCOPES)

    there, nowhere = sent(http, operation, ours.things), sent(http, operation, STRANGE)

    of = str(WALK[operation].of)
    assert there.status_code == nowhere.status_code == 404
    assert there.headers["content-type"] == nowhere.headers["content-type"]
    assert there.text.replace(ours.things[of], STRANGE[of]) == nowhere.text


def test_what_was_ours_is_not_even_gone_to_them(ours: Tenant, theirs: Tenant) -> None:
    path = f"/v1/media/{ours.things['deleted']}"

    assert ours.http.get(path).status_code == 410
    assert theirs.http.get(path).status_code == 404


@pytest.mark.parametrize("operation", [name for name, visit in WALK.items() if visit.lists])
def test_lists_are_of_ones_own(ours: Tenant, theirs: Tenant, operation: str) -> None:
    of = str(WALK[operation].lists)
    for tenant, other in ((ours, theirs), (theirs, ours)):
        shown = sent(tenant.http, operation, tenant.things).text
        assert tenant.things[of] in shown
        assert not [thing for thing in other.things.values() if thing in shown]
        assert other.name not in shown


@pytest.mark.parametrize("operation", WALK)
def test_nobody_takes_another_tenants_name(
    document: dict[str, Any], ours: Tenant, theirs: Tenant, operation: str
) -> None:
    answer = sent(theirs.http, operation, ours.things, headers={"x-darkroom-tenant": "ours"})

    assert (answer.status_code, answer.json()["scope"]) == (403, "operate")


@pytest.mark.parametrize("path", ["/v1/budget", "/v1/limits"])
def test_everyone_has_an_account_of_their_own(ours: Tenant, theirs: Tenant, path: str) -> None:
    assert ours.asked("GET", path)["tenant"] == "ours"
    assert theirs.asked("GET", path)["tenant"] == "theirs"


def test_everyone_has_a_webhook_secret_of_their_own(ours: Tenant, theirs: Tenant) -> None:
    secrets = [one.asked("GET", "/v1/webhooks/secret")["secret"] for one in (ours, theirs)]

    assert secrets[0] != secrets[1]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/media", {"generator": "noop", "input": {}, "tenant": "ours"}),
        ("/v1/media/batch", {"requests": [], "tenant": "ours"}),
        ("/v1/webhooks/endpoints", {"url": "https://example.org", "tenant": "ours"}),
        ("/v1/keys", {"name": "a", "scopes": ["media:read"], "tenant": "ours"}),
    ],
)
def test_a_body_names_no_other_tenant(theirs: Tenant, path: str, body: dict[str, Any]) -> None:
    answer = theirs.http.post(path, json=body)

    assert answer.status_code in {403, 422}, answer.text


@pytest.mark.parametrize("thing", ["upload", "job"])
def test_inputs_do_not_find_what_is_ours(ours: Tenant, theirs: Tenant, thing: str) -> None:
    def told(asset: str) -> str:
        wanted = {"generator": "rendition", "input": {"source": asset}}
        answer = theirs.http.post("/v1/media", json=wanted)
        assert answer.status_code == 422
        return answer.text.replace(asset, "")

    assert told(ours.things[thing]) == told(str(uuid4()))


def test_idempotency_keys_are_of_ones_own(theirs: Tenant, others: Tenant) -> None:
    headers = {"idempotency-key": f"once-{uuid4()}"}
    wanted = {"generator": "noop", "input": {"payload": "theirs"}}

    first = theirs.http.post("/v1/media", json=wanted, headers=headers)
    second = others.http.post("/v1/media", json={**wanted, "input": {}}, headers=headers)

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] != second.json()["id"]


def test_metadata_finds_only_ones_own(theirs: Tenant, others: Tenant) -> None:
    theirs.made("noop", {}, metadata={"order": "7"})

    assert len(theirs.asked("GET", "/v1/media?metadata.order=7")["items"]) == 1
    assert others.asked("GET", "/v1/media?metadata.order=7")["items"] == []


class Hearing(threading.Thread):
    """Somebody who listens to all that happens; `tenants` of what was heard."""

    def __init__(self, http: httpx.Client) -> None:
        super().__init__(daemon=True)
        self._http = http
        self.open = threading.Event()
        self.heard: list[str] = []

    def run(self) -> None:
        with self._http.stream("GET", "/v1/events?types=media.ready") as stream:
            for line in stream.iter_lines():
                self.open.set()
                if line.startswith("data: "):
                    self.heard.append(httpx.Response(200, text=line[6:]).json()["tenant"])
                    return


def test_everyone_hears_only_what_happens_to_them(
    theirs: Tenant, others: Tenant, receiver: WebhookReceiver
) -> None:
    hearing = Hearing(theirs.client(ALL_BUT_OPERATE))
    hearing.start()
    assert hearing.open.wait(20)
    others.made("noop", {})
    job = theirs.made("noop", {})

    hearing.join(20)

    assert hearing.heard == ["theirs"]
    eventually_sync(lambda: _called_about(receiver, job["id"]), timeout=20)
    assert {event.tenant for event in receiver.events.values()} == {"theirs"}


def _called_about(receiver: WebhookReceiver, job_id: str) -> None:
    assert job_id in {str(event.subject) for event in receiver.events.values()}


def test_an_operator_acts_for_a_tenant_that_he_names(operator: httpx.Client, ours: Tenant) -> None:
    path = f"/v1/media/{ours.things['job']}"

    assert operator.get(path).status_code == 404
    assert operator.get(path, headers={"x-darkroom-tenant": "ours"}).status_code == 200

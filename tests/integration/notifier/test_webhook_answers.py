"""What receivers answer, what tenants ask, and what is kept of it, on real Postgres."""

import json
from collections.abc import Callable

import pytest
from standardwebhooks import Webhook as StandardWebhook

from shared.clock import uuid7
from shared.events import Webhook
from shared.testing import a_media_generated, a_media_generation_failed, eventually
from tests.backends.databases import execute, query
from tests.integration.notifier.webhook_room import Room, soon
from tests.receivers import Receiver, Reply


@pytest.mark.parametrize("form", ["3", "Thu, 01 Jan 2099 00:00:00 GMT"])
async def test_retry_after_is_respected(room: Room, receiver: Receiver, form: str) -> None:
    await room.endpoint(receiver.url)
    receiver.behaviour = lambda _call, _before: Reply(429, headers={"Retry-After": form})
    await room.decide(a_media_generated())

    async def later() -> None:
        [row] = query(
            room.database,
            "SELECT extract(epoch FROM due_at - now()) AS wait FROM webhook_delivery"
            " WHERE attempts = 1 AND status = 'pending'",
        )
        assert row["wait"] > 1.5

    await soon(later)
    assert len(receiver.received) == 1


async def test_redirects_are_not_followed(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    there = {"Location": "http://169.254.169.254/latest/meta-data"}
    receiver.behaviour = lambda _call, _before: Reply(302, headers=there)
    await room.decide(a_media_generated())
    [delivery] = await room.all_are("failed")
    assert "302" in delivery["last_error"]
    assert {call.path for call in receiver.received} == {"/hook"}


async def test_a_long_answer_is_kept_up_to_its_limit(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    receiver.behaviour = lambda _call, _before: Reply(200, b"\x00\xff" + b"x" * 1_000_000)
    await room.decide(a_media_generated())
    [delivery] = await room.all_are("delivered")
    shown = await room.ask("GET", f"/deliveries/{delivery['id']}")
    answer = shown["attempt_log"][0]["answer"]
    assert answer.startswith("\ufffd\ufffdxx")
    assert len(answer) == 20_000


async def test_a_receiver_that_does_not_answer_times_out(room: Room, receiver: Receiver) -> None:
    made = await room.endpoint(receiver.url)
    receiver.behaviour = lambda _call, _before: Reply(after=20)
    answer = await room.ask("POST", f"/endpoints/{made['id']}/test")
    assert answer["attempt"]["error_code"] == "timed_out"
    assert not answer["delivered"]


async def test_a_sample_says_what_happened(room: Room, receiver: Receiver) -> None:
    made = await room.endpoint(receiver.url)
    answer = await room.ask("POST", f"/endpoints/{made['id']}/test")
    [call] = receiver.received
    assert answer["delivered"]
    assert answer["event_id"] == call.id
    assert StandardWebhook(made["secret"]).verify(call.body, call.headers)
    assert json.loads(call.body)["type"] == "darkroom.webhook.test.v1"


async def test_a_verdict_that_is_rolled_back_calls_nobody(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    execute(room.database, "ALTER TABLE webhook_delivery ADD CONSTRAINT never CHECK (false)")
    with pytest.raises(Exception, match="never"):
        await room.decide(a_media_generated())
    assert not query(room.database, "SELECT 1 FROM verdict")
    assert not query(room.database, "SELECT 1 FROM outbox")


async def test_only_the_winner_is_told(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    generated = a_media_generated()
    said = await room.decide(generated)
    assert await room.decide(a_media_generation_failed(job_id=generated.job_id)) == []
    await room.all_are("delivered")
    assert receiver.ids == said


async def test_tenants_see_and_hear_only_their_own(room: Room, receiver: Receiver) -> None:
    mine, theirs = {"x-darkroom-tenant": "mine"}, {"x-darkroom-tenant": "theirs"}
    made = await room.ask("POST", "/endpoints", 201, json={"url": receiver.url}, headers=mine)
    await room.decide(a_media_generated(), tenant="theirs")
    assert await room.deliveries() == []
    await room.decide(a_media_generated(job_id=uuid7()), tenant="mine")

    async def came() -> None:
        assert len(receiver.received) == 1

    await soon(came)
    path = f"/endpoints/{made['id']}"
    for method, where in (
        ("GET", path), ("PATCH", path), ("DELETE", path), ("GET", f"{path}/secret"),
        ("POST", f"{path}/test"), ("POST", f"{path}/rotate-secret"),
    ):  # fmt: skip
        await room.ask(method, where, 404, headers=theirs, json={})
    items = (await room.ask("GET", "/deliveries", headers=mine))["items"]
    assert len(items) == 1
    assert not (await room.ask("GET", "/deliveries", headers=theirs))["items"]
    await room.ask("GET", f"/deliveries/{items[0]['id']}", 404, headers=theirs)
    await room.ask("POST", f"/deliveries/{items[0]['id']}/replay", 404, headers=theirs)
    answer = await room.ask("POST", "/replay", 202, json={"status": "all"}, headers=theirs)
    assert answer["replayed"] == 0


async def test_a_removed_endpoint_leaves_nothing(room: Room, receiver: Receiver) -> None:
    made = await room.endpoint(receiver.url)
    await room.decide(a_media_generated())
    await room.all_are("delivered")
    await room.ask("DELETE", f"/endpoints/{made['id']}", 204)
    await room.ask("DELETE", f"/endpoints/{made['id']}", 404)
    await room.decide(a_media_generated(job_id=uuid7()))
    for table in ("webhook_endpoint", "webhook_delivery", "webhook_attempt", "webhook_lane"):
        assert not query(room.database, f"SELECT 1 FROM {table}")


async def test_a_job_that_was_deleted_is_not_spoken_of(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    receiver.behaviour = lambda _, before: Reply(500, headers={})
    await room.decide(a_media_generated())
    execute(room.database, "UPDATE verdict SET body = ''")
    [delivery] = await room.all_are("skipped")
    assert "deleted" in delivery["last_error"]
    await room.ask("POST", f"/deliveries/{delivery['id']}/replay", 409)


async def test_an_address_of_a_request_that_is_none_fails_at_once(room: Room) -> None:
    await room.decide(a_media_generated(webhook=Webhook(url="http://a@127.0.0.1/\0")))
    [delivery] = await room.all_are("failed")
    assert delivery["attempts"] == 1


async def test_what_is_old_is_forgotten(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(3)))
    found = await room.all_are("delivered", 3)
    old = "UPDATE webhook_delivery SET finished_at = now() - interval '40 days' WHERE id = '{}'"
    execute(room.database, old.format(found[0]["id"]))
    execute(room.database, old.format(found[1]["id"]))
    execute(
        room.database,
        f"UPDATE webhook_delivery SET status = 'failed' WHERE id = '{found[1]['id']}'",
    )
    await room.app._deliveries.keep_house()
    assert {one["id"] for one in await room.deliveries()} == {found[1]["id"], found[2]["id"]}


async def test_lists_go_on_where_they_ended(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    jobs = [uuid7() for _ in range(5)]
    await room.decide(*(a_media_generated(job_id=job) for job in jobs))
    await room.all_are("delivered", 5)
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = await room.ask("GET", "/deliveries", params={"limit": "2", **cursor})
        seen += [one["job_id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert sorted(seen) == sorted(map(str, jobs))
    assert len(await room.deliveries(job=str(jobs[0]))) == 1
    assert not await room.deliveries(status="failed")


@pytest.mark.parametrize(
    ("asked", "body", "status", "pointer"),
    [
        ("POST /endpoints", b"{", 400, None),
        ("POST /endpoints", b'{"url": "ftp://x"}', 422, "/url"),
        ("POST /endpoints", b'{"url": "http://x", "more": 1}', 422, "/more"),
        ("POST /endpoints", b'{"url": "http://x:22/"}', 422, "/url"),
        ("POST /endpoints", b'{"url": "http://x", "event_types": ["x"]}', 422, "/event_types/0"),
        ("GET /endpoints/x", b"", 404, None),
        ("GET /deliveries/x", b"", 404, None),
        ("GET /deliveries?limit=0", b"", 422, "/query/limit"),
        ("GET /deliveries?cursor=x", b"", 422, "/query/cursor"),
        ("GET /deliveries?status=x", b"", 422, "/query/status"),
        ("POST /replay", b'{"since": "2020-01-01"}', 422, "/since"),
    ],
)
async def test_what_is_asked_wrongly_is_named(
    database: str, asked: str, body: bytes, status: int, pointer: str | None
) -> None:
    method, path = asked.split()
    async with Room(database, webhook_allow_private=False) as room:
        answer = await room.ask(method, path, status, content=body)
    assert answer["status"] == status
    if pointer:
        assert [one["pointer"] for one in answer["errors"]] == [pointer]


async def test_an_endpoint_is_changed_and_keeps_the_rest(room: Room, receiver: Receiver) -> None:
    made = await room.endpoint("http://127.0.0.1:9/", description="Shop")
    path = f"/endpoints/{made['id']}"
    changed = await room.ask("PATCH", path, json={"url": receiver.url, "ordered": True})
    assert (changed["description"], changed["ordered"]) == ("Shop", True)
    await room.ask("PATCH", path, 422, json={"url": None})
    off = await room.ask("PATCH", path, json={"enabled": False})
    assert off["disabled_reason"] == "requested"
    await room.ask("PATCH", path, json={"enabled": True})
    await room.decide(a_media_generated())
    await room.all_are("delivered")


async def test_figures_say_how_the_queue_stands(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url)
    await room.decide(a_media_generated())
    await room.all_are("delivered")
    page = (await room.http.get("/metrics")).text
    assert 'darkroom_webhook_attempts_total{outcome="delivered"} 1.0' in page
    assert "darkroom_webhook_deliveries_due 0.0" in page


async def test_other_processes_hear_of_a_new_endpoint_at_once(
    database: str, receiver: Receiver
) -> None:
    async with Room(database) as room, Room(database) as other:
        renewal, listener = other.app._periodic[0], other.app._listener
        renewal.start()
        listener.start()

        async def listening_now() -> None:
            said = query(database, "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            assert said

        await soon(listening_now)
        await room.endpoint(receiver.url)

        async def heard() -> None:
            assert other.app._catalogue._by_tenant

        await eventually(heard, timeout=1)
        await listener.stop()
        await renewal.stop()


async def test_only_the_api_is_answered(make_database: Callable[[str], str]) -> None:
    token = "0123456789abcdef0123456789abcdef"
    async with Room(make_database("notifier"), notifier_token=token) as room:
        problem = await room.ask("GET", "/endpoints", 401)
        assert problem["code"] == "unauthenticated"
        room.http.headers["Authorization"] = f"Bearer {token}"
        assert (await room.ask("GET", "/endpoints"))["items"] == []

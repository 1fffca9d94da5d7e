"""Webhooks on real Postgres: what is due is written with the verdict, and sent whatever happens."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from standardwebhooks import Webhook as StandardWebhook

from services.notifier.app import NotifierApp
from services.notifier.settings import NotifierSettings
from shared.clock import uuid7
from shared.events import Message, Webhook
from shared.testing import a_media_generated, a_media_generation_failed, an_event, eventually
from tests.backends.databases import execute, query
from tests.conftest import MakeDatabase
from tests.receivers import Receiver, Reply, listening


@pytest.fixture
def database(make_database: MakeDatabase) -> str:
    return make_database("notifier")


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


class Room:
    """A notifier without its broker: outcomes are decided by hand, webhooks are sent."""

    def __init__(self, database: str, **settings: Any) -> None:
        told = {
            "database_url": database,
            "rabbitmq_url": "amqp://nowhere.invalid",
            "webhook_schedule": "0,0.1,0.1,0.2",
            "webhook_allow_private": True,
            "webhook_timeout_seconds": 1,
            "webhook_breaker_failures": 100,
            **settings,
        }
        self.database = database
        self.app = NotifierApp(NotifierSettings(**told))
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app.asgi), base_url="http://notifier"
        )

    async def __aenter__(self) -> "Room":
        self.app._sender.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()
        await self.app._sender.stop()
        await self.app._relay_engine.dispose()
        await self.app._engine.dispose()

    async def decide(self, *messages: Message, tenant: str = "default") -> list[str]:
        """The ids of the final events."""
        heard = [an_event(message, tenant=tenant) for message in messages]
        given = await self.app._service.decide(heard)
        return [verdict.event.id for verdict in given]

    async def ask(self, method: str, path: str, status: int = 200, **more: Any) -> Any:
        answer = await self.http.request(method, f"/v1/webhooks{path}", **more)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def endpoint(self, url: str, **more: Any) -> Any:
        return await self.ask("POST", "/endpoints", 201, json={"url": url, **more})

    async def deliveries(self, **filters: Any) -> list[Any]:
        items: list[Any] = (await self.ask("GET", "/deliveries", params=filters))["items"]
        return items

    async def all_are(self, status: str, count: int = 1) -> list[Any]:
        """Once all deliveries are so."""

        async def so() -> list[Any]:
            found = await self.deliveries()
            assert [one["status"] for one in found] == [status] * count, found
            return found

        found: list[Any] = await soon(so)
        return found


async def soon(check: Callable[[], Awaitable[Any]]) -> Any:
    return await eventually(check, timeout=10)


@pytest.fixture
async def room(database: str) -> AsyncIterator[Room]:
    async with Room(database) as room:
        yield room


async def test_an_endpoint_is_called_with_the_event_as_it_was_published(
    room: Room, receiver: Receiver
) -> None:
    made = await room.endpoint(receiver.url)
    [event_id] = await room.decide(a_media_generated())
    [delivery] = await room.all_are("delivered")
    [call] = receiver.received
    [verdict] = query(room.database, "SELECT body FROM verdict")
    assert call.body == verdict["body"].encode()
    assert call.id == event_id == delivery["event_id"] == json.loads(call.body)["id"]
    assert call.headers["content-type"] == "application/json"
    assert call.headers["user-agent"].startswith("Darkroom/")
    assert StandardWebhook(made["secret"]).verify(call.body, call.headers)
    assert (delivery["attempts"], delivery["last_status"]) == (1, 200)


async def test_a_receiver_that_fails_gets_it_by_the_schedule(
    room: Room, receiver: Receiver
) -> None:
    await room.endpoint(receiver.url)
    receiver.fail(2)
    [event_id] = await room.decide(a_media_generated())
    [delivery] = await room.all_are("delivered")
    assert receiver.ids == [event_id] * 3
    shown = await room.ask("GET", f"/deliveries/{delivery['id']}")
    assert [one["status"] for one in shown["attempt_log"]] == [500, 500, 200]
    assert [one["error_code"] for one in shown["attempt_log"]] == ["bad_status"] * 2 + [None]
    assert shown["attempt_log"][2]["answer"] == "thanks"


async def test_what_fails_to_the_end_is_replayed_with_its_id(
    room: Room, receiver: Receiver
) -> None:
    made = await room.endpoint(receiver.url)
    receiver.fail(4)
    [event_id] = await room.decide(a_media_generated())
    [delivery] = await room.all_are("failed")
    assert len(receiver.received) == 4
    [endpoint] = (await room.ask("GET", "/endpoints"))["items"]
    assert endpoint["failing_since"]
    await room.ask("POST", f"/deliveries/{delivery['id']}/replay", 202)
    [delivery] = await room.all_are("delivered")
    assert receiver.ids == [event_id] * 5
    assert delivery["attempts"] == 5
    found = await room.ask("GET", f"/endpoints/{made['id']}")
    assert found["failing_since"] is None


async def test_a_range_and_all_that_failed_are_replayed(room: Room, receiver: Receiver) -> None:
    made = await room.endpoint(receiver.url)
    receiver.behaviour = lambda _call, _before: Reply(500)
    await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(3)))
    found = await room.all_are("failed", 3)
    receiver.behaviour = lambda _call, _before: Reply(204, b"")
    nothing = {"until": "2020-01-01T00:00:00Z"}
    answer = await room.ask("POST", "/replay", 202, json=nothing)
    assert answer == {"replayed": 0, "more": False}
    wanted = {"endpoint": made["id"], "since": found[-1]["created_at"], "status": "failed"}
    answer = await room.ask("POST", "/replay", 202, json=wanted)
    assert answer == {"replayed": 3, "more": False}
    await room.all_are("delivered", 3)
    answer = await room.ask("POST", "/replay", 202, json={"status": "all"})
    assert answer["replayed"] == 3


async def test_the_webhook_of_a_request_is_called_and_signed_with_the_tenants_secret(
    room: Room, receiver: Receiver
) -> None:
    wanted = Webhook(url=receiver.url, events=("media.ready",))
    await room.decide(
        a_media_generated(job_id=uuid7(), webhook=wanted),
        a_media_generation_failed(job_id=uuid7(), webhook=wanted),
    )
    [delivery] = await room.all_are("delivered")
    assert (delivery["endpoint_id"], delivery["event_type"]) == (None, "media.ready")
    secret = (await room.ask("GET", "/secret"))["secret"]
    [call] = receiver.received
    assert StandardWebhook(secret).verify(call.body, call.headers)
    rotated = await room.ask("POST", "/rotate-secret")
    assert rotated["secret"] != secret
    assert rotated["previous_until"]
    await room.ask("POST", f"/deliveries/{delivery['id']}/replay", 202)
    await room.all_are("delivered")
    for holds in (secret, rotated["secret"]):
        assert StandardWebhook(holds).verify(call.body, receiver.received[-1].headers)


async def test_after_a_rotation_both_secrets_sign_for_a_day(room: Room, receiver: Receiver) -> None:
    made = await room.endpoint(receiver.url)
    path = f"/endpoints/{made['id']}"
    rotated = await room.ask("POST", f"{path}/rotate-secret")
    assert rotated == await room.ask("GET", f"{path}/secret")
    await room.decide(a_media_generated())
    await room.all_are("delivered")
    [call] = receiver.received
    for secret in (made["secret"], rotated["secret"]):
        assert StandardWebhook(secret).verify(call.body, call.headers)
    execute(room.database, "UPDATE webhook_endpoint SET previous_until = now()")
    await room.decide(a_media_generated(job_id=uuid7()))
    await room.all_are("delivered", 2)
    assert len(receiver.received[-1].headers["webhook-signature"].split()) == 1


async def test_filters_leave_out_what_nobody_wants(room: Room, receiver: Receiver) -> None:
    await room.endpoint(receiver.url, event_types=["media.failed"])
    await room.endpoint(receiver.url, generators=["chart"])
    await room.decide(a_media_generated(job_id=uuid7()), a_media_generation_failed(job_id=uuid7()))
    [delivery] = await room.all_are("delivered")
    assert (delivery["event_type"], delivery["generator"]) == ("media.failed", "card")


async def test_410_disables_at_once_and_operators_hear_of_it(
    room: Room, receiver: Receiver
) -> None:
    made = await room.endpoint(receiver.url)
    receiver.behaviour = lambda _call, _before: Reply(410)
    await room.decide(a_media_generated())
    await room.all_are("skipped")

    async def disabled() -> Any:
        found = await room.ask("GET", f"/endpoints/{made['id']}")
        assert not found["enabled"]
        return found

    assert (await soon(disabled))["disabled_reason"] == "gone"
    said = [row["body"] for row in query(room.database, "SELECT body FROM outbox ORDER BY id")]
    [event] = [one for one in map(json.loads, said) if "endpoint_disabled" in one["type"]]
    assert event["data"]["reason"] == "gone"


async def test_events_of_a_disabled_endpoint_are_kept_and_can_be_replayed(
    room: Room, receiver: Receiver
) -> None:
    made = await room.endpoint(receiver.url, enabled=False)
    assert made["disabled_reason"] == "requested"
    [event_id] = await room.decide(a_media_generated())
    [delivery] = await room.all_are("skipped")
    path = f"/endpoints/{made['id']}"
    await room.ask("POST", f"/deliveries/{delivery['id']}/replay", 409)
    await room.ask("POST", "/replay", 409, json={"endpoint": made["id"], "status": "skipped"})
    found = await room.ask("PATCH", path, json={"enabled": True})
    assert found["disabled_reason"] is None
    answer = await room.ask("POST", "/replay", 202, json={"status": "skipped"})
    assert answer["replayed"] == 1
    await room.all_are("delivered")
    assert receiver.ids == [event_id]


async def test_an_endpoint_that_fails_for_too_long_is_disabled(
    database: str, receiver: Receiver
) -> None:
    async with Room(database, webhook_disable_after_days=0.000001) as room:
        made = await room.endpoint(receiver.url)
        receiver.behaviour = lambda _call, _before: Reply(500)
        await room.decide(a_media_generated())
        await room.all_are("skipped")
        found = await room.ask("GET", f"/endpoints/{made['id']}")
        assert (found["enabled"], found["disabled_reason"]) == (False, "failing")


async def test_slow_and_dead_endpoints_do_not_delay_others(
    database: str, receiver: Receiver
) -> None:
    async with listening() as slow, Room(database, webhook_concurrency=8) as room:
        slow.behaviour = lambda _call, _before: Reply(after=5)
        await room.endpoint(slow.url)
        await room.endpoint("http://127.0.0.1:9/dead", enabled=True)
        await room.endpoint(receiver.url)
        await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(40)))

        async def all_came() -> None:
            assert len(receiver.received) == 40

        await eventually(all_came, timeout=4)
        assert slow.most_at_once <= 4


async def test_an_endpoint_that_keeps_failing_is_left_alone(
    database: str, receiver: Receiver
) -> None:
    told = {"webhook_breaker_failures": 3, "webhook_breaker_seconds": 60}
    async with Room(database, webhook_concurrency_per_endpoint=1, **told) as room:
        await room.endpoint(receiver.url)
        receiver.behaviour = lambda _call, _before: Reply(500)
        await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(10)))

        async def held() -> None:
            [lane] = query(database, "SELECT failures, held_until FROM webhook_lane")
            assert lane["held_until"]

        await soon(held)
        assert len(receiver.received) == 3
        execute(database, "UPDATE webhook_lane SET held_until = now()")
        receiver.behaviour = lambda _call, _before: Reply()
        await room.all_are("delivered", 10)
        assert not query(database, "SELECT 1 FROM webhook_lane")


async def test_an_ordered_endpoint_hears_strictly_in_order_through_two_processes(
    database: str, receiver: Receiver
) -> None:
    async with Room(database) as room, Room(database):
        await room.endpoint(receiver.url, ordered=True)
        receiver.behaviour = lambda _, before: Reply(503 if before % 4 == 1 else 200)
        said: list[str] = []
        for _ in range(12):
            said += await room.decide(a_media_generated(job_id=uuid7()))
        await room.all_are("delivered", 12)
        assert list(dict.fromkeys(receiver.ids)) == said
        assert receiver.most_at_once == 1


async def test_two_processes_send_each_once(database: str, receiver: Receiver) -> None:
    async with Room(database) as room, Room(database):
        await room.endpoint(receiver.url)
        said = await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(60)))

        async def all_came() -> None:
            assert set(receiver.ids) == set(said)

        await soon(all_came)
        assert len(receiver.ids) == 60


async def test_what_a_dead_process_had_in_hand_is_sent_again(
    room: Room, receiver: Receiver
) -> None:
    await room.endpoint(receiver.url)
    receiver.behaviour = lambda _, before: Reply(after=30 if not before else 0)
    [event_id] = await room.decide(a_media_generated())

    async def called() -> None:
        assert receiver.ids

    await soon(called)
    for call in room.app._sender._calls:
        call.cancel()  # the process dies: nothing is recorded
    execute(room.database, "UPDATE webhook_delivery SET due_at = now()")  # its lease is over
    await room.all_are("delivered")
    assert receiver.ids == [event_id, event_id]


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

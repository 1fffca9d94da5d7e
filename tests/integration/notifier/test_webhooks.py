"""Webhooks on real Postgres: what is due is written with the verdict, and sent whatever happens."""

import json
from typing import Any

from standardwebhooks import Webhook as StandardWebhook

from shared.clock import uuid7
from shared.events import Webhook
from shared.testing import a_media_generated, a_media_generation_failed, eventually
from tests.backends.databases import execute, query
from tests.integration.notifier.webhook_room import Room, soon
from tests.receivers import Receiver, Reply, listening


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
    told = {"webhook_concurrency": 8, "webhook_timeout_seconds": 20}
    async with listening() as slow, Room(database, **told) as room:
        slow.behaviour = lambda _call, _before: Reply(after=10)
        await room.endpoint(slow.url)
        await room.endpoint("http://127.0.0.1:9/dead", enabled=True)
        await room.endpoint(receiver.url)
        await room.decide(*(a_media_generated(job_id=uuid7()) for _ in range(40)))

        async def all_came() -> None:
            assert len(receiver.received) == 40

        await eventually(all_came, timeout=9)
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

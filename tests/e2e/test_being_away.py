"""RabbitMQ or Postgres goes away or hangs: what can be promised is; all comes back by itself."""

import time
import uuid
from collections import Counter
from typing import Any

import httpx
import pytest

from deploy.local.stack import LocalStack, StackInfo
from shared.testing import eventually_sync
from tests.backends.databases import query
from tests.e2e.outages import OUTAGE_SECONDS, How, Processes, wait_until
from tests.e2e.people import FINAL, Person

NOTICED_WITHIN = 15
"""Seconds, on a busy machine; three or four on an idle one."""
ANSWERED_WITHIN = 6.5
BROKER_HOLDS_NOBODY_UP = 3.0


@pytest.fixture
def processes(stack: LocalStack) -> Processes:
    processes = Processes(stack)
    processes.wait_until_ready()
    return processes


def ask(person: Person, mark: str, key: str | None = None) -> tuple[httpx.Response, float]:
    headers = {} if key is None else {"Idempotency-Key": key}
    body = {"generator": "noop", "input": {}, "metadata": {"mark": mark}}
    begun = time.monotonic()
    answer = person.http.post("/v1/media", json=body, headers=headers)
    return answer, time.monotonic() - begun


def must_be_unavailable(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.json()["code"] == "unavailable"
    assert int(answer.headers["retry-after"]) >= 1


def jobs_of(info: StackInfo, mark: str) -> list[dict[str, Any]]:
    return query(info.databases["api"], "SELECT id FROM job WHERE metadata->>'mark' = $1", mark)


@pytest.mark.parametrize("how", ["gone", "hanging"])
def test_without_postgres_nothing_is_promised_and_nothing_half_done(
    processes: Processes, info: StackInfo, person: Person, how: How
) -> None:
    unkeyed, keyed, key = uuid.uuid4().hex, uuid.uuid4().hex, uuid.uuid4().hex
    before = person.ask("noop", {})
    with processes.away("postgres", how):
        eventually_sync(lambda: processes.must_not_be_ready("database"), NOTICED_WITHIN)
        for _ in range(3):
            for answer, seconds in (ask(person, unkeyed), ask(person, keyed, key)):
                must_be_unavailable(answer)
                assert seconds < ANSWERED_WITHIN
        must_be_unavailable(person.http.get(f"/v1/media/{before['id']}"))
    answer, _ = ask(person, keyed, key)
    assert answer.status_code == 202, "the first request after it is back succeeds"
    again, _ = ask(person, keyed, key)
    assert again.json()["id"] == answer.json()["id"]
    assert person.wait(answer.json()["id"])["status"] == "ready"
    assert person.wait(before["id"])["status"] == "ready"
    assert len(jobs_of(info, keyed)) == 1, "one key, one job"
    assert jobs_of(info, unkeyed) == [], "what was answered with 503 was not accepted"


@pytest.mark.parametrize("how", ["gone", "hanging"])
def test_without_rabbitmq_all_is_accepted_and_made_later(
    processes: Processes, person: Person, how: How
) -> None:
    accepted = []
    with processes.away("rabbitmq", how):
        over = time.monotonic() + OUTAGE_SECONDS
        for _ in range(20):
            answer, seconds = ask(person, "while the broker is away")
            assert answer.status_code == 202, answer.text
            assert seconds < BROKER_HOLDS_NOBODY_UP
            accepted.append(answer.json()["id"])
        eventually_sync(lambda: processes.must_not_be_ready("broker"), NOTICED_WITHIN)
        wait_until(over)
        answer, seconds = ask(person, "at the end of the outage")
        assert answer.status_code == 202, answer.text
        assert seconds < BROKER_HOLDS_NOBODY_UP
        accepted.append(answer.json()["id"])
    ended = Counter(person.wait(job_id)["status"] for job_id in accepted)
    assert ended == {"ready": len(accepted)}


def test_jobs_in_hand_when_everything_goes_away_end_once(
    processes: Processes, person: Person
) -> None:
    answers = person.ask_for_many([{"generator": "noop", "input": {}}] * 200)
    with processes.away("postgres", "gone"), processes.away("rabbitmq", "gone"):
        for service in ("api", "generator", "notifier"):
            assert processes.health(service, "live").status_code == 200

    def all_ended() -> None:
        jobs = [person.look(answer["job"]["id"]) for answer in answers]
        assert {job["status"] for job in jobs} <= FINAL

    eventually_sync(all_ended, timeout=90)

"""Dead letters over HTTP: looking at them, replaying them, throwing them away."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from services.api.models import DeadLetter
from services.api.routes.dead_letter_schemas import (
    DeadLetterGroups,
    DeadLetterList,
    DeadLetterOut,
    DeadLetterSummary,
    PurgeOut,
    ReplayOut,
)
from services.api.service import ApiServices
from services.api.service.dead_letters import REPLAYED_LAST
from shared.clock import uuid7
from shared.testing import MOMENT, FixedClock, RecordingPublisher
from tests.unit.api.builders import a_dead_letter
from tests.unit.api.fakes import FakeDatabase
from tests.unit.api.test_http_requesting import problem

LETTERS = "/v1/dead-letters"


@pytest.fixture
async def letters(services: ApiServices) -> list[DeadLetter]:
    """Two of the same kind, and one of another."""
    earlier = MOMENT - timedelta(hours=1)
    kept = [
        a_dead_letter(received_at=earlier),
        a_dead_letter(),
        a_dead_letter(queue="api.commands", error_code="handler_error", error_class="KeyError"),
    ]
    await services.dead_letters.store(kept)
    return kept


async def listed(client: httpx.AsyncClient, **params: Any) -> DeadLetterList:
    answer = await client.get(LETTERS, params=params)
    return DeadLetterList.model_validate_json(answer.content)


async def test_dead_letters_are_listed_and_shown(
    client: httpx.AsyncClient, database: FakeDatabase
) -> None:
    binary = a_dead_letter(seq=1, body=b"\xff\x00")
    readable = a_dead_letter(seq=2, body=b"text", queue="api.commands")
    database.tables.dead_letters = [binary, readable]

    first = await listed(client, limit=1)
    rest = await listed(client, cursor=first.next_cursor)
    assert [letter.id for letter in (*first.items, *rest.items)] == [readable.id, binary.id]
    assert [letter.size for letter in (*first.items, *rest.items)] == [4, 2]
    assert rest.next_cursor is None

    for letter, text in ((binary, None), (readable, "text")):
        answer = await client.get(f"{LETTERS}/{letter.id}")
        assert DeadLetterOut.model_validate_json(answer.content).body == text
    for unknown in (uuid7(), "garbage"):
        problem(await client.get(f"{LETTERS}/{unknown}"), 404, "not_found")


async def test_lists_and_groups_take_the_same_filters(
    client: httpx.AsyncClient, letters: list[DeadLetter]
) -> None:
    for narrow in (
        {"queue": "api.commands"},
        {"error_class": "KeyError"},
        {"error_code": "handler_error"},
    ):
        assert [one.id for one in (await listed(client, **narrow)).items] == [letters[2].id]
        answer = await client.get(f"{LETTERS}/groups", params=narrow)
        [group] = DeadLetterGroups.model_validate_json(answer.content).items
        assert (group.queue, group.count) == ("api.commands", 1)
    assert (await listed(client, type="nonsense")).items == []
    problem(await client.get(LETTERS, params={"colour": "red"}), 422, "invalid_input")


async def test_groups_say_how_many_of_each_kind_and_since_when(
    client: httpx.AsyncClient, letters: list[DeadLetter]
) -> None:
    answer = await client.get(f"{LETTERS}/groups")

    first, second = DeadLetterGroups.model_validate_json(answer.content).items
    assert (first.queue, first.error_code, first.count) == (
        "api.progress",
        "undecodable_message",
        2,
    )
    assert (first.first_received_at, first.last_received_at) == (letters[0].received_at, MOMENT)
    assert second.count == 1


async def test_a_replayed_letter_is_out_of_the_way_but_not_forgotten(
    client: httpx.AsyncClient, letters: list[DeadLetter]
) -> None:
    response = await client.post(f"{LETTERS}/{letters[0].id}/replay")

    replayed = DeadLetterSummary.model_validate_json(response.content)
    assert (response.status_code, replayed.replays) == (200, 1)
    assert replayed.replayed_at == MOMENT
    assert len((await listed(client)).items) == 2
    assert [one.id for one in (await listed(client, replayed="true")).items] == [letters[0].id]


async def test_what_cannot_be_replayed_is_a_problem(
    client: httpx.AsyncClient,
    services: ApiServices,
    publisher: RecordingPublisher,
    letters: list[DeadLetter],
) -> None:
    lost = a_dead_letter(queue="")
    await services.dead_letters.store([lost])

    problem(await client.post(f"{LETTERS}/{lost.id}/replay"), 409, "not_replayable")
    problem(await client.post(f"{LETTERS}/{uuid7()}/replay"), 404, "not_found")
    publisher.away = True
    away = await client.post(f"{LETTERS}/{letters[0].id}/replay")
    problem(away, 503, "broker_unavailable")
    assert int(away.headers["retry-after"]) >= 1


async def test_many_are_replayed_by_what_they_have_in_common(
    client: httpx.AsyncClient, letters: list[DeadLetter]
) -> None:
    before = MOMENT.isoformat()
    old = await client.post(
        f"{LETTERS}/replay", json={"queue": "api.progress", "received_before": before}
    )
    rest = await client.post(f"{LETTERS}/replay", json={"all": True, "limit": 1})

    assert ReplayOut.model_validate_json(old.content).replayed == 1
    assert ReplayOut.model_validate_json(rest.content).remaining == 1
    assert [one.id for one in (await listed(client)).items] == [letters[2].id]


async def test_those_that_fail_are_named_with_their_problem(
    client: httpx.AsyncClient, publisher: RecordingPublisher, letters: list[DeadLetter]
) -> None:
    publisher.unroutable.add("api.commands")

    response = await client.post(f"{LETTERS}/replay", json={"all": True})

    report = ReplayOut.model_validate_json(response.content)
    assert (report.replayed, report.remaining) == (2, 1)
    [failure] = report.failed
    assert (failure.id, failure.problem.code) == (letters[2].id, "not_replayable")


@pytest.mark.usefixtures("letters")
@pytest.mark.parametrize("action", ["replay", "purge"])
@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, ""),
        ({"limit": 5}, ""),
        ({"all": False}, ""),
        ({"all": True, "limit": 1001}, "/limit"),
        ({"all": True, "colour": "red"}, "/colour"),
        ({"queue": 5}, "/queue"),
        ({"queue": "a", "received_before": "yesterday"}, "/received_before"),
    ],
)
async def test_it_has_to_be_said_which(
    client: httpx.AsyncClient, action: str, body: dict[str, Any], pointer: str
) -> None:
    found = problem(await client.post(f"{LETTERS}/{action}", json=body), 422, "invalid_input")

    assert [error.pointer for error in found.errors or ()] == [pointer]
    assert len((await listed(client)).items) == 3


async def test_letters_are_thrown_away(
    client: httpx.AsyncClient, letters: list[DeadLetter]
) -> None:
    gone = await client.delete(f"{LETTERS}/{letters[2].id}")
    purged = await client.post(f"{LETTERS}/purge", json={"queue": "api.progress", "limit": 1})

    assert (gone.status_code, gone.content) == (204, b"")
    assert PurgeOut.model_validate_json(purged.content) == PurgeOut(purged=1, remaining=1)
    assert [one.id for one in (await listed(client)).items] == [letters[1].id]
    problem(await client.delete(f"{LETTERS}/{letters[2].id}"), 404, "not_found")


async def test_what_was_replayed_is_thrown_away_when_that_is_said_and_else_after_a_month(
    client: httpx.AsyncClient,
    services: ApiServices,
    letters: list[DeadLetter],
    clock: FixedClock,
) -> None:
    for letter in letters[:2]:
        await client.post(f"{LETTERS}/{letter.id}/replay")

    waiting = await client.post(f"{LETTERS}/purge", json={"all": True})
    replayed = await client.post(f"{LETTERS}/purge", json={"replayed": True, "limit": 1})
    assert waiting.json() == {"purged": 1, "remaining": 0}
    assert replayed.json() == {"purged": 1, "remaining": 1}

    await services.dead_letters.keep_house()
    assert len((await listed(client, replayed="true")).items) == 1
    clock.advance(REPLAYED_LAST)
    await services.dead_letters.keep_house()
    assert (await listed(client, replayed="true")).items == []


@pytest.mark.parametrize("field", ["queue", "error_class", "error_code", "type"])
async def test_a_filter_that_nothing_can_be_is_refused(
    client: httpx.AsyncClient, field: str
) -> None:
    for path in ("/v1/dead-letters", "/v1/dead-letters/groups"):
        response = await client.get(path, params={field: "a\0b"})
        problem(response, 422, "invalid_input")
    for deed in ("replay", "purge"):
        response = await client.post(f"/v1/dead-letters/{deed}", json={field: "a\0b"})
        problem(response, 422, "invalid_input")

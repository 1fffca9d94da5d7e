"""What operators do through the client: generators that pause, dead letters that are replayed."""

from datetime import UTC, datetime

import pytest

from shared.client import ApiConflictError, ApiNotFoundError, DarkroomClient, DeadLetterFilter
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_dead_letters import a_letter, letters

ALL = DeadLetterFilter()
CONTROL = {"queue": "generator.control"}


async def test_generator_is_paused_and_resumed(darkroom: DarkroomClient) -> None:
    paused = await darkroom.pause("card")

    assert (paused.generator, paused.action) == ("card", "pause")
    assert (await darkroom.generator("card")).paused
    await darkroom.resume("card")
    assert not (await darkroom.generator("card")).paused


async def test_all_generators_are_paused_at_once(darkroom: DarkroomClient) -> None:
    assert (await darkroom.pause()).generator is None
    assert [generator.paused for generator in await darkroom.generators()] == [True]


async def test_stranger_cannot_be_paused(darkroom: DarkroomClient) -> None:
    with pytest.raises(ApiNotFoundError):
        await darkroom.pause("crad")


async def test_letters_are_grouped_by_queue_and_reason(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.dead.letters = [*letters(3), a_letter(9, **CONTROL)]

    groups = await darkroom.dead_letters.groups()

    assert [(group.queue, group.count) for group in groups] == [
        ("api.progress", 3),
        ("generator.control", 1),
    ]
    assert groups[0].first_received_at < groups[0].last_received_at
    assert await darkroom.dead_letters.groups(ALL.of_group(groups[1])) == groups[1:]


async def test_letters_are_listed_by_what_is_wanted(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.dead.letters = [a_letter(1), a_letter(2, **CONTROL), a_letter(3, **CONTROL, replays=1)]

    waiting = await darkroom.dead_letters.list(DeadLetterFilter(**CONTROL))
    replayed = await darkroom.dead_letters.list(DeadLetterFilter(replayed=True), limit=5)

    assert [letter.id.int for letter in waiting.items] == [2]
    assert [(letter.id.int, letter.replays) for letter in replayed.items] == [(3, 1)]
    assert await darkroom.dead_letters.get(a_letter(2)["id"]) == waiting.items[0]


async def test_newer_api_breaks_no_older_client(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.dead.letters = [a_letter(1, what_nobody_knew="yet")]

    assert (await darkroom.dead_letters.list()).items[0].id.int == 1


async def test_letter_goes_back_to_its_queue(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.dead.letters = [a_letter(1), a_letter(2, unreplayable=True)]

    replayed = await darkroom.dead_letters.replay(a_letter(1)["id"])

    assert (replayed.replays, replayed.replayed_at is not None) == (1, True)
    with pytest.raises(ApiConflictError, match="no queue old"):
        await darkroom.dead_letters.replay(a_letter(2)["id"])


async def test_replay_of_many_says_what_stayed_and_why(
    api: FakeApi, darkroom: DarkroomClient
) -> None:
    api.dead.letters = [a_letter(1), a_letter(2, unreplayable=True), a_letter(3, **CONTROL)]

    done = await darkroom.dead_letters.replay_all(DeadLetterFilter(queue="api.progress"))

    assert (done.replayed, done.remaining) == (1, 1)
    assert [(one.id.int, one.reason) for one in done.failed] == [
        (2, "There is no queue old any more.")
    ]


async def test_everything_has_to_be_meant(api: FakeApi, darkroom: DarkroomClient) -> None:
    until = datetime(2026, 11, 22, tzinfo=UTC)

    await darkroom.dead_letters.replay_all(ALL, limit=5)
    await darkroom.dead_letters.purge(DeadLetterFilter(type="x"))
    await darkroom.dead_letters.purge(DeadLetterFilter(replayed=True), received_before=until)

    assert api.dead.asked == [
        {"all": True, "limit": 5},
        {"type": "x"},
        {"replayed": True, "received_before": "2026-11-22T00:00:00+00:00"},
    ]


async def test_letters_are_removed_for_good(api: FakeApi, darkroom: DarkroomClient) -> None:
    api.dead.letters = letters(4)

    await darkroom.dead_letters.remove(a_letter(1)["id"])
    done = await darkroom.dead_letters.purge(ALL, limit=2)

    assert (done.purged, done.remaining, len(api.dead.letters)) == (2, 1, 1)

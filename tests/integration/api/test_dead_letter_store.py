"""The store of dead letters: the one in memory and Postgres promise the same."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from services.api.errors import DeadLetterNotFoundError
from services.api.models import DeadLetter, DeadLetterFilter
from services.api.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from tests.unit.api.builders import a_dead_letter

NOW = datetime.now(UTC)
HOUR = timedelta(hours=1)


def which(limit: int = 9, **filters: Any) -> DeadLetterFilter:
    return DeadLetterFilter(limit, **filters)


async def stored(unit_of_work: OpenUnitOfWork, *letters: DeadLetter) -> int:
    async with unit_of_work() as work:
        return await work.dead_letters.add(letters)


async def listed(unit_of_work: OpenUnitOfWork, **filters: Any) -> list[UUID]:
    async with unit_of_work() as work:
        return [one.id for one in await work.dead_letters.list_by(which(**filters))]


async def replayed(unit_of_work: OpenUnitOfWork, now: datetime, *letters: DeadLetter) -> None:
    async with unit_of_work() as work:
        await work.dead_letter_claims.mark_replayed([letter.id for letter in letters], now)


async def test_letters_are_kept_once_and_come_back_as_they_were(
    unit_of_work: OpenUnitOfWork,
) -> None:
    first = a_dead_letter(headers={"x": [1, {"y": None}]}, body=bytes(range(256)))
    second = a_dead_letter(correlation_id="c-1", reply_to="shop.answers", sender="shop")

    assert await stored(unit_of_work, first) == 1
    assert await stored(unit_of_work, first, second) == 1

    async with unit_of_work() as work:
        found = await work.dead_letters.get(first.id)
        with pytest.raises(DeadLetterNotFoundError):
            await work.dead_letters.get(uuid7())
        [shown, _] = await work.dead_letters.list_by(which())
    assert (found.headers, found.body, found.size) == (first.headers, first.body, 256)
    assert (shown.id, shown.correlation_id, shown.body, shown.size) == (second.id, "c-1", b"", 8)
    assert (shown.reply_to, shown.sender) == ("shop.answers", "shop")
    assert await listed(unit_of_work, before=found.seq + 1) == [first.id]
    assert await listed(unit_of_work, after=found.seq) == [second.id]


async def test_letters_are_chosen_by_what_is_known_of_them(unit_of_work: OpenUnitOfWork) -> None:
    plain = a_dead_letter(received_at=NOW)
    other = a_dead_letter(
        received_at=NOW - HOUR,
        queue="api.commands",
        error_class="KeyError",
        error_code="handler_error",
        type="a.type",
    )
    await stored(unit_of_work, plain, other)

    for name in ("queue", "error_class", "error_code", "type"):
        assert await listed(unit_of_work, **{name: getattr(other, name)}) == [other.id], name
    assert await listed(unit_of_work, received_before=NOW) == [other.id]
    assert await listed(unit_of_work) == [other.id, plain.id]


async def test_replayed_letters_are_told_from_those_that_wait(
    unit_of_work: OpenUnitOfWork,
) -> None:
    waiting, sent = a_dead_letter(), a_dead_letter()
    await stored(unit_of_work, waiting, sent)

    await replayed(unit_of_work, NOW, sent)
    await replayed(unit_of_work, NOW + HOUR, sent)

    assert await listed(unit_of_work) == [waiting.id]
    assert await listed(unit_of_work, replayed=True) == [sent.id]
    assert await listed(unit_of_work, replayed=None) == [sent.id, waiting.id]
    async with unit_of_work() as work:
        found = await work.dead_letters.get(sent.id)
        assert await work.dead_letters.count(which(0)) == 1
        assert [one.id for one in await work.dead_letter_claims.claim(which())] == [waiting.id]
    assert (found.replayed_at, found.replays) == (NOW + HOUR, 2)


async def test_groups_count_what_has_the_same_queue_and_reason(
    unit_of_work: OpenUnitOfWork,
) -> None:
    old, new = a_dead_letter(received_at=NOW - HOUR), a_dead_letter(received_at=NOW)
    other, sent = a_dead_letter(queue="api.commands"), a_dead_letter(queue="api.commands")
    await stored(unit_of_work, old, other, new, sent)
    await replayed(unit_of_work, NOW, sent)

    async with unit_of_work() as work:
        groups = await work.dead_letters.list_groups(which())
        narrow = await work.dead_letters.list_groups(which(queue="api.commands"))

    assert [(group.queue, group.count) for group in groups] == [
        ("api.progress", 2),
        ("api.commands", 1),
    ]
    assert (groups[0].first_received_at, groups[0].last_received_at) == (NOW - HOUR, NOW)
    assert narrow == groups[1:]


async def test_the_oldest_are_taken_in_hand_first(unit_of_work: OpenUnitOfWork) -> None:
    letters = [a_dead_letter() for _ in range(5)]
    await stored(unit_of_work, *letters)

    async with unit_of_work() as work:
        first = await work.dead_letter_claims.claim(which(2))
        rest = await work.dead_letter_claims.claim(which(after=first[-1].seq))
        one = await work.dead_letter_claims.find(letters[4].id)
        assert await work.dead_letter_claims.find(uuid7()) is None
    assert [letter.id for letter in (*first, *rest)] == [letter.id for letter in letters]
    assert first[0].body == letters[0].body
    assert one is not None
    assert one.id == letters[4].id


async def test_letters_are_thrown_away(unit_of_work: OpenUnitOfWork) -> None:
    letters = [a_dead_letter() for _ in range(4)]
    await stored(unit_of_work, *letters)

    async with unit_of_work() as work:
        assert await work.dead_letter_claims.delete(letters[3].id)
        assert not await work.dead_letter_claims.delete(letters[3].id)
        assert await work.dead_letter_claims.purge(which(2)) == 2

    assert await listed(unit_of_work) == [letters[2].id]


async def test_what_was_replayed_long_ago_is_forgotten(unit_of_work: OpenUnitOfWork) -> None:
    waiting, lately, long_ago = (a_dead_letter() for _ in range(3))
    await stored(unit_of_work, waiting, lately, long_ago)
    await replayed(unit_of_work, NOW, lately)
    await replayed(unit_of_work, NOW - 2 * HOUR, long_ago)

    async with unit_of_work() as work:
        assert await work.dead_letter_claims.forget_replayed(NOW - HOUR) == 1

    assert await listed(unit_of_work, replayed=None) == [lately.id, waiting.id]

"""Paused generators in the tables: the newest word counts, in whatever order words come."""

import itertools
from datetime import datetime, timedelta

import pytest

from services.generator.models import EVERY_GENERATOR, ControlWord
from services.generator.unit_of_work import OpenUnitOfWork
from shared.clock import uuid7
from shared.testing import MOMENT
from tests.integration.generator.steps import (
    a_job,
    admit,
    admit_and_claim,
    claim,
    generated,
    record,
)
from tests.integration.generator.test_claims import EXPIRED


def at(minute: int) -> datetime:
    return MOMENT + timedelta(minutes=minute)


def pause(generator: str = "card", minute: int = 0) -> ControlWord:
    return ControlWord(generator, True, at(minute), str(uuid7()))


def resume(generator: str = "card", minute: int = 0) -> ControlWord:
    return ControlWord(generator, False, at(minute), str(uuid7()))


async def say(unit_of_work: OpenUnitOfWork, *words: ControlWord) -> bool:
    async with unit_of_work() as work:
        return await work.controls.record(words)


async def paused(unit_of_work: OpenUnitOfWork) -> set[str]:
    async with unit_of_work() as work:
        return set(await work.controls.list_paused(["art", "card"]))


async def test_nothing_is_paused_at_first(unit_of_work: OpenUnitOfWork) -> None:
    assert await paused(unit_of_work) == set()


async def test_the_jobs_of_a_paused_generator_are_not_claimed_until_it_is_resumed(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, a_job(), a_job(generator="art"))
    await say(unit_of_work, pause("card", 1))

    claimed = await claim(unit_of_work, 5, generators=("art", "card"))
    assert [job.generator for job in claimed] == ["art"]

    await say(unit_of_work, resume("card", 2))
    assert len(await claim(unit_of_work, 5)) == 1


async def test_what_is_lost_while_its_generator_is_paused_waits_as_well(
    unit_of_work: OpenUnitOfWork,
) -> None:
    await admit(unit_of_work, a_job())
    await claim(unit_of_work, lease=EXPIRED)
    await say(unit_of_work, pause())

    assert await claim(unit_of_work) == []


async def test_what_runs_when_its_generator_is_paused_is_finished(
    unit_of_work: OpenUnitOfWork,
) -> None:
    job = await admit_and_claim(unit_of_work)
    await say(unit_of_work, pause())

    assert await record(unit_of_work, generated(job)) == {job.id}


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_words_come_to_the_same_in_any_order_and_any_number_of_times(
    unit_of_work: OpenUnitOfWork, order: tuple[int, ...], together: bool
) -> None:
    words = [pause("card", 1), resume("card", 2), pause("card", 3)]
    told = [words[place] for place in order] * 2

    for batch in [told] if together else [[word] for word in told]:
        await say(unit_of_work, *batch)

    assert await paused(unit_of_work) == {"card"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([pause(EVERY_GENERATOR, 1)], {"art", "card"}),
        ([pause(EVERY_GENERATOR, 1), resume("card", 2)], {"art"}),
        ([resume("card", 1), pause(EVERY_GENERATOR, 2)], {"art", "card"}),
        ([pause("card", 1), resume(EVERY_GENERATOR, 2)], set()),
        ([pause("card", 2), resume(EVERY_GENERATOR, 1)], {"card"}),
    ],
)
async def test_of_the_words_about_one_and_about_all_the_newest_counts(
    unit_of_work: OpenUnitOfWork, words: list[ControlWord], expected: set[str]
) -> None:
    await say(unit_of_work, *words)

    assert await paused(unit_of_work) == expected


async def test_only_a_newer_word_is_news(unit_of_work: OpenUnitOfWork) -> None:
    word = pause("card", 2)

    assert await say(unit_of_work, word)
    assert not await say(unit_of_work, word)
    assert not await say(unit_of_work, resume("card", 1))

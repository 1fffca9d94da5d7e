"""The catalogue follows the table, and compiles each schema once."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from services.api.errors import GeneratorNotFoundError, UnknownGeneratorError
from services.api.service import ApiServices
from services.api.service.catalogue import AWAY, GeneratorCatalogue
from shared.errors import RetryableError
from shared.testing import MOMENT, FixedClock
from tests.unit.api.builders import an_announced_generator
from tests.unit.api.fakes import FakeDatabase

NEWER = MOMENT + timedelta(seconds=1)


@pytest.fixture
def catalogue(services: ApiServices) -> GeneratorCatalogue:
    return services.catalogue


async def test_a_name_that_is_not_known_is_looked_up(catalogue: GeneratorCatalogue) -> None:
    assert (await catalogue.require("card")).generator.name == "card"
    assert (await catalogue.get("card")).name == "card"


async def test_a_flood_of_unknown_names_does_not_flood_the_database(
    catalogue: GeneratorCatalogue, database: FakeDatabase
) -> None:
    for _ in range(50):
        with pytest.raises(UnknownGeneratorError):
            await catalogue.require("nope")
        with pytest.raises(GeneratorNotFoundError):
            await catalogue.get("nope")

    assert database.commits <= 2


async def test_a_newer_announcement_replaces_an_older_one(catalogue: GeneratorCatalogue) -> None:
    catalogue.learn([an_announced_generator(version="2", announced_at=NEWER)])
    catalogue.learn([an_announced_generator(version="1")])

    assert [one.version for one in catalogue.list_all()] == ["2"]


async def test_a_schema_that_did_not_change_stays_compiled(catalogue: GeneratorCatalogue) -> None:
    card = an_announced_generator()
    catalogue.learn([card])
    before = (await catalogue.require("card")).schema
    catalogue.learn([replace(card, version="2", announced_at=NEWER)])
    same = (await catalogue.require("card")).schema
    catalogue.learn([replace(card, input_schema={"type": "object"}, announced_at=NEWER)])

    assert same is before
    assert (await catalogue.require("card")).schema is not before


async def test_one_broken_schema_does_not_hide_the_others(catalogue: GeneratorCatalogue) -> None:
    broken = an_announced_generator(name="broken", input_schema={"type": "nonsense"})

    catalogue.learn([broken, an_announced_generator()])

    assert [one.name for one in catalogue.list_all()] == ["card"]


async def test_all_who_miss_a_name_at_once_look_once_and_share_what_comes_of_it(
    catalogue: GeneratorCatalogue, database: FakeDatabase
) -> None:
    database.refuse_with = RetryableError("away")

    outcomes = await asyncio.gather(
        *(catalogue.require("card") for _ in range(5)), return_exceptions=True
    )
    database.refuse_with = None

    assert {id(outcome) for outcome in outcomes} == {id(outcomes[0])}
    assert isinstance(outcomes[0], RetryableError)
    assert (await catalogue.require("card")).generator.name == "card"


async def test_who_was_not_heard_of_for_a_while_is_away_until_it_is_again(
    database: FakeDatabase,
) -> None:
    clock = FixedClock(MOMENT)
    catalogue = GeneratorCatalogue(database.unit_of_work, clock)
    catalogue.learn([an_announced_generator()])
    assert catalogue.is_available("card")
    assert not catalogue.is_available("art")

    clock.advance(AWAY)
    catalogue.learn([an_announced_generator()])
    assert not catalogue.is_available("card")
    assert (await catalogue.require("card")).generator.name == "card", "it may come back"

    catalogue.learn([an_announced_generator(announced_at=clock.now())])
    assert catalogue.is_available("card")


async def test_a_worker_whose_clock_is_wrong_is_heard_all_the_same(database: FakeDatabase) -> None:
    clock = FixedClock(MOMENT + timedelta(days=1))
    catalogue = GeneratorCatalogue(database.unit_of_work, clock)
    catalogue.learn([an_announced_generator()])
    assert not catalogue.is_available("card")

    catalogue.learn([an_announced_generator(announced_at=NEWER)])
    assert catalogue.is_available("card")

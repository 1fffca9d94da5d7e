"""The runbook's SQL runs, and what it says again after a restore is what was said before."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.api.unit_of_work import ApiUnitOfWork
from services.notifier.unit_of_work import NotifierUnitOfWork
from shared.clock import uuid7
from shared.database.engine import create_engine
from shared.events import decode
from shared.testing import a_media_canceled, a_media_ready
from tests.backends.databases import execute, query
from tests.conformance.verdicts import a_verdict
from tests.conftest import MakeDatabase
from tests.runbook import Query, queries
from tests.unit.api.builders import a_new_request

SAID = """SELECT message_id, exchange, routing_key, type, correlation_id, mandatory, body
FROM outbox ORDER BY message_id"""


def run(database: str, question: Query) -> None:
    execute(database, question.sql.replace("$ID", str(uuid7())).replace(":'since'", "'2020-01-01'"))


def saying_again(service: str) -> Query:
    """The statement for a service whose listeners have forgotten."""
    [found] = [one for one in queries() if one.service == service and one.says_again]
    return found


@pytest.mark.parametrize("question", list(queries()), ids=lambda question: question.sql[:60])
def test_a_statement_of_the_runbook_fits_its_database(
    question: Query, make_database: MakeDatabase
) -> None:
    run(make_database(question.service), question)


async def test_verdicts_are_said_again_as_they_were_said(make_database: MakeDatabase) -> None:
    database = make_database("notifier")
    engine = create_engine(database, application="test")
    async with NotifierUnitOfWork(engine) as work:
        await work.verdicts.add([a_verdict(a_media_ready()), a_verdict(a_media_canceled())])
    await engine.dispose()
    must_be_said_again(database, saying_again("notifier"))


async def test_requests_are_made_again_as_they_were_made(make_database: MakeDatabase) -> None:
    database = make_database("api")
    engine = create_engine(database, application="test")
    async with ApiUnitOfWork(engine) as work:
        await work.acceptance.add([a_new_request() for _ in range(3)])
    await engine.dispose()
    must_be_said_again(database, saying_again("api"))


def must_be_said_again(database: str, statement: Query) -> None:
    said = readable(query(database, SAID))
    execute(database, "DELETE FROM outbox_bundle")
    run(database, statement)
    assert readable(query(database, SAID)) == said != []


def readable(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the events that their bodies hold; jsonb has an order of its own."""
    return [row | {"body": decode(row["body"])} for row in rows]

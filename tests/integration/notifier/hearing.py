"""What tests of the notifier say and hear."""

from shared.events import CloudEvent, Message, decode
from shared.messaging.outgoing import outgoing
from shared.messaging.publisher import Publisher
from shared.testing import an_event
from tests.backends.databases import query
from tests.integration.messaging.harness import Inbox


async def tell(publisher: Publisher, *messages: Message) -> None:
    """Publish these as events."""
    await publisher.publish_many([outgoing(an_event(message)) for message in messages])


def said(inbox: Inbox) -> dict[str, CloudEvent]:
    """The events of the notifier that were heard, by id."""
    heard = (decode(one.body) for one in inbox.messages if one.app_id == "notifier")
    return {event.id: event for event in heard}


def must_have_said(inbox: Inbox, count: int) -> list[CloudEvent]:
    heard = list(said(inbox).values())
    assert len(heard) == count
    return heard


def verdicts(database_url: str) -> int:
    """How many verdicts were given."""
    [row] = query(database_url, "SELECT count(*) AS n FROM verdict")
    return int(row["n"])


def must_have_begun(database_url: str) -> None:
    assert verdicts(database_url) > 0

"""The steps of the relay between publish, confirm and deletion, the same in every service."""

from shared.messaging import topology
from tests.crash_points.points.delivery import PUBLISH
from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.seams import Call, Seam, after, before

RELAYING = Seam("shared.messaging.relay:OutboxRelay._publish")
CLEANING = Seam("shared.messaging.relay:OutboxRelay._clean")
CONFIRM = Seam("shared.messaging.wire.publishing:PublishingChannel._note")


def relay_points(service: str, story: StoryName = StoryName.QUICK) -> list[CrashPoint]:
    """Of this service's relay, with events of a job in the batch."""
    publishing = Seam(PUBLISH.method, _about_jobs)
    return [
        CrashPoint(f"{service}-relay-{moment}", says, spot, story)
        for moment, says, spot in (
            ("taken", "what was committed is in hand, and nothing published",
             before(publishing, within=RELAYING)),
            ("unconfirmed", "they are published, and the broker's confirm not yet read",
             before(CONFIRM, once=publishing)),
            ("confirmed", "all are confirmed, and still in the outbox",
             after(publishing, within=RELAYING)),
            ("committed", "their deletion is committed",
             after(CLEANING, once=publishing)),
        )
    ]  # fmt: skip


def _about_jobs(call: Call) -> bool:
    """Not the announcements, and not what may be lost."""
    return any(
        message.exchange == topology.EVENTS and message.routing_key.startswith("media.")
        for message in call.given[1]
    )

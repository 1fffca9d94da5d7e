"""The steps between receive and ack, the same at every queue of every service."""

from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.seams import Call, Counts, Seam, after, before

SUBSCRIBER = "shared.messaging.subscriber:BatchSubscriber"
COMMIT = Seam(
    "shared.database.unit_of_work:UnitOfWork.__aexit__", lambda call: call.given[1] is None
)
ACK = Seam("shared.messaging.acker:Acker.ack")
PUBLISH = Seam("shared.messaging.publisher:Publisher.publish_many")


def delivery_points(
    place: str, queue: str, kind: str, story: StoryName, *, commit_of: Seam | None = None
) -> list[CrashPoint]:
    """Every step of a message of this type (empty: any) from the queue.

    `commit_of` is whose transaction counts, where it is not the subscriber's own task's.
    """
    taking = Seam(f"{SUBSCRIBER}._take", _holds(queue, kind))
    writing = Seam(f"{SUBSCRIBER}._write", _holds(queue, kind))
    persisting = Seam(f"{SUBSCRIBER}._persist")
    return [
        CrashPoint(f"{place}-{moment}", f"{says} ({queue})", spot, story)
        for moment, says, spot in (
            ("received", "a message is delivered, and nothing done yet", before(taking)),
            ("batched", "it is in a batch that is about to be handled",
             before(persisting, within=writing)),
            ("written_not_committed", "what it means is written, and not committed",
             before(COMMIT, within=commit_of or writing)),
            ("committed_not_acked", "that is committed, and the message not acked",
             before(ACK, within=writing)),
            ("acked", "the ack is on its way", after(ACK, within=writing)),
        )
    ]  # fmt: skip


def burial_points(place: str) -> list[CrashPoint]:
    """The steps of a message that cannot be read: out as a dead letter, then acked."""
    burying = Seam("shared.messaging.burial:Burial._bury")
    return [
        CrashPoint(f"{place}-{moment}", says, spot, StoryName.POISON)
        for moment, says, spot in (
            ("unpublished", "a message cannot be read, and its dead letter is not out yet",
             before(PUBLISH, within=burying)),
            ("published_not_acked", "its dead letter is confirmed, and the message not acked",
             before(ACK, within=burying)),
        )
    ]  # fmt: skip


def _holds(queue: str, kind: str) -> Counts:
    def counts(call: Call) -> bool:
        subscriber, taken = call.given
        messages = [one[0] if isinstance(one, tuple) else one for one in taken]
        kinds = [message.type or "" for message in messages]
        return bool(subscriber.queue == queue) and any(one.startswith(kind) for one in kinds)

    return counts

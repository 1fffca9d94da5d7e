"""Where the notifier dies."""

from shared.events import MediaGenerated
from shared.messaging import topology
from tests.crash_points.points.delivery import COMMIT, burial_points, delivery_points
from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.points.relay import relay_points
from tests.crash_points.seams import Seam, after, before

OVERDUE = Seam(
    "services.notifier.repository.pending_ends:PendingEndRepository.claim_overdue",
    lambda call: bool(call.answer),
)


def _closings() -> list[CrashPoint]:
    return [
        CrashPoint(f"notifier-closing-{moment}", says, spot, StoryName.UNANSWERED)
        for moment, says, spot in (
            ("claimed_not_decided", "a wish that nobody answers is claimed, no verdict given",
             after(OVERDUE)),
            ("written_not_committed", "the verdict on it is written, and not committed",
             before(COMMIT, once=OVERDUE)),
            ("committed_not_relayed", "that is committed, and its event still in the outbox",
             after(COMMIT, once=OVERDUE)),
        )
    ]  # fmt: skip


SENDER = "services.notifier.repository.deliveries:DeliveryRepository"
CLAIMED = Seam(f"{SENDER}.claim", lambda call: bool(call.answer))
RECORDED = Seam(f"{SENDER}.record", lambda call: bool(call.answer))


def _callings() -> list[CrashPoint]:
    return [
        CrashPoint(f"notifier-webhook-{moment}", says, spot, StoryName.CALLED)
        for moment, says, spot in (
            ("written_not_committed", "what is due is written beside its verdict, not committed",
             after(Seam(f"{SENDER}.add"))),
            ("claimed_not_called", "a call is claimed, and not made",
             after(CLAIMED)),
            ("called_not_recorded", "it is made and answered, and nothing recorded",
             before(Seam(f"{SENDER}.record"))),
            ("recorded_not_committed", "what became of it is written, and not committed",
             before(COMMIT, once=RECORDED)),
            ("committed", "all of it is committed",
             after(COMMIT, once=RECORDED)),
        )
    ]  # fmt: skip


NOTIFIER: tuple[CrashPoint, ...] = (
    *delivery_points(
        "notifier-outcomes",
        topology.NOTIFIER_OUTCOMES,
        MediaGenerated.type_name,
        StoryName.QUICK,
    ),
    *burial_points("notifier-burial"),
    *_closings(),
    *_callings(),
    *relay_points("notifier"),
)

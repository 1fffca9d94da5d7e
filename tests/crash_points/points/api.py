"""Where the api dies."""

from shared.events import CancelMedia, MediaReady, RequestMedia
from shared.messaging import topology
from tests.crash_points.points.delivery import COMMIT, PUBLISH, burial_points, delivery_points
from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.points.relay import relay_points
from tests.crash_points.seams import Seam, after, before

ACCEPTING = Seam("services.api.service.requests:MediaRequestService._write")
CANCELING = Seam("services.api.service.cancellation:CancellationService.cancel")
RECONCILING = Seam("services.api.service.reconciling:ReconciliationService.decide")
CONTROLLING = Seam("services.api.service.control:GeneratorControlService.control")
COMMANDS = Seam("services.api.service.commands:CommandService.handle")
REPLAYING = Seam("services.api.service.replaying:ReplayService.replay")
ANNOUNCING = Seam("services.api.service.deadlines:DeadlineService.announce_overdue")
OVERDUE = Seam(
    "services.api.repository.deadlines:DeadlineRepository.claim_not_started",
    lambda call: bool(call.answer),
)


def _posts() -> list[CrashPoint]:
    return [
        CrashPoint(f"api-acceptance-{moment}", f"POST /v1/media: {says}", spot, StoryName.QUICK)
        for moment, says, spot in (
            ("before_write", "it is checked, and nothing written", before(ACCEPTING)),
            ("written_not_committed", "the job is written, and not committed",
             before(COMMIT, within=ACCEPTING)),
            ("committed_not_answered", "the job is committed, and nobody told",
             after(COMMIT, within=ACCEPTING)),
        )
    ]  # fmt: skip


def _wishes() -> list[CrashPoint]:
    return [
        CrashPoint(f"api-{place}-{moment}", f"POST …/{place}: {says}", spot, story)
        for place, wishing, story in (
            ("cancel", CANCELING, StoryName.CANCELED),
            ("reconcile", RECONCILING, StoryName.DECIDED),
            ("pause", CONTROLLING, StoryName.PAUSED),
        )
        for moment, says, spot in (
            ("written_not_committed", "the wish is written, and not committed",
             before(COMMIT, within=wishing)),
            ("committed_not_answered", "the wish is committed, and nobody told",
             after(COMMIT, within=wishing)),
        )
    ]  # fmt: skip


def _deadlines() -> list[CrashPoint]:
    return [
        CrashPoint(f"api-deadlines-{moment}", says, spot, StoryName.EXPIRED)
        for moment, says, spot in (
            ("written_not_committed", "that a deadline has passed is written, and not committed",
             before(COMMIT, within=ANNOUNCING, once=OVERDUE)),
            ("committed_not_relayed", "that is committed, and its event still in the outbox",
             after(COMMIT, within=ANNOUNCING, once=OVERDUE)),
        )
    ]  # fmt: skip


def _refusals() -> list[CrashPoint]:
    return [
        CrashPoint(f"api-refusal-{moment}", says, spot, StoryName.REFUSED)
        for moment, says, spot in (
            ("written_not_committed", "a command cannot be done, and that answer is not committed",
             before(COMMIT, within=COMMANDS)),
            ("committed_not_acked", "that is committed, and the command not acked",
             after(COMMIT, within=COMMANDS)),
        )
    ]  # fmt: skip


def _replays() -> list[CrashPoint]:
    return [
        CrashPoint(f"api-replay-{moment}", says, spot, StoryName.REPLAYED)
        for moment, says, spot in (
            ("published_not_marked", "a dead letter is back in its queue, and not marked",
             after(PUBLISH, within=REPLAYING)),
            ("marked_not_committed", "it is marked as replayed, and that not committed",
             before(COMMIT, within=REPLAYING)),
            ("committed_not_answered", "that is committed, and nobody told",
             after(COMMIT, within=REPLAYING)),
        )
    ]  # fmt: skip


API: tuple[CrashPoint, ...] = (
    *_posts(),
    *_wishes(),
    *_deadlines(),
    *delivery_points(
        "api-progress", topology.API_PROGRESS, MediaReady.type_name, StoryName.QUICK
    ),
    *delivery_points(
        "api-commands", topology.API_COMMANDS, RequestMedia.type_name, StoryName.COMMANDED,
        commit_of=ACCEPTING,
    ),
    *delivery_points(
        "api-cancels", topology.API_COMMANDS, CancelMedia.type_name, StoryName.CALLED_OFF,
        commit_of=CANCELING,
    ),
    *_refusals(),
    *burial_points("api-burial"),
    *delivery_points("api-dead_letters", topology.DEAD_LETTERS, "", StoryName.POISON),
    *_replays(),
    *relay_points("api"),
)  # fmt: skip

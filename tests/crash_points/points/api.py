"""Where the api dies."""

from shared.events import MediaReady, RequestMedia
from shared.messaging import topology
from tests.crash_points.points.delivery import COMMIT, delivery_points
from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.points.relay import relay_points
from tests.crash_points.seams import Seam, after, before

ACCEPTING = Seam("services.api.service.requests:MediaRequestService._write")
CANCELING = Seam("services.api.service.cancellation:CancellationService.cancel")
REFUSING = Seam("services.api.service.commands:CommandService._rejected")
OVERDUE = Seam(
    "services.api.repository.projection:ProjectionRepository.claim_overdue",
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


def _cancels() -> list[CrashPoint]:
    return [
        CrashPoint(f"api-cancel-{moment}", f"POST …/cancel: {says}", spot, StoryName.CANCELED)
        for moment, says, spot in (
            ("written_not_committed", "the wish is written, and not committed",
             before(COMMIT, within=CANCELING)),
            ("committed_not_answered", "the wish is committed, and nobody told",
             after(COMMIT, within=CANCELING)),
        )
    ]  # fmt: skip


API: tuple[CrashPoint, ...] = (
    *_posts(),
    *_cancels(),
    *delivery_points(
        "api-progress", topology.API_PROGRESS, MediaReady.type_name, StoryName.QUICK
    ),
    *delivery_points(
        "api-commands", topology.API_COMMANDS, RequestMedia.type_name, StoryName.COMMANDED,
        commit_of=ACCEPTING,
    ),
    *delivery_points("api-dead_letters", topology.DEAD_LETTERS, "", StoryName.POISON),
    *relay_points("api"),
)  # fmt: skip

"""Where the generator dies: at its queues, and at every step in the life of a job."""

from services.generator.models import Status
from shared.events import (
    ControlGenerators,
    Lane,
    MediaCancelRequested,
    MediaReconciled,
    MediaRequested,
)
from shared.messaging import topology
from tests.crash_points.points.delivery import COMMIT, burial_points, delivery_points
from tests.crash_points.points.point import CrashPoint, StoryName
from tests.crash_points.points.relay import relay_points
from tests.crash_points.seams import Call, Counts, Seam, after, before

ORDERS = "services.generator.service.providers:_OrdersOfOneJob"
CLAIMS = "services.generator.repository.claims:ClaimRepository"
CLAIMING = Seam(f"{CLAIMS}._take", lambda call: bool(call.answer))
TAKING_OVER = Seam(
    f"{CLAIMS}.claim", lambda call: any(job.lost is not None for job in call.answer or ())
)
BEGINNING = Seam("services.generator.service.running:JobsInHand.begin")
RUNNING = Seam("services.generator.runtime.process:ChildProcess.run")
SAYING_STARTED = Seam("services.generator.service.news:StartedNews._write")
INTAKE = Seam("services.generator.assets.intake:AssetIntake.take_in")
FINISHING = "services.generator.service.finishing:Finisher._write"
RECORDING = "services.generator.repository.results:ResultRepository.record"
BEATING = Seam("services.generator.service.leases:LeaseKeeper.beat")
RENEWING = Seam(
    "services.generator.repository.leases:LeaseRepository.renew", lambda call: bool(call.answer)
)
REAPING = Seam(
    "services.generator.repository.reaping:ReapingRepository.reap", lambda call: bool(call.answer)
)


def _with_status(*wanted: Status) -> Counts:
    def counts(call: Call) -> bool:
        return any(result.status in wanted for result in call.given[1])

    return counts


def _pauses() -> list[CrashPoint]:
    """The rest of the way is that of any other wish."""
    points = delivery_points(
        "generator-pause",
        topology.GENERATOR_CONTROL,
        ControlGenerators.type_name,
        StoryName.PAUSED,
    )
    return [one for one in points if one.name.endswith(("not_committed", "not_acked"))]


def _starts() -> list[CrashPoint]:
    quick, lasting, retried = StoryName.QUICK, StoryName.LASTING, StoryName.RETRIED
    return [
        CrashPoint(f"generator-{moment}", says, spot, story)
        for moment, says, spot, story in (
            ("claim-written_not_committed", "a claim is written, and not committed",
             after(CLAIMING), retried),
            ("claim-committed_not_begun", "a claim is committed, and the attempt not begun",
             before(BEGINNING, once=CLAIMING), retried),
            ("admission-committed_not_begun",
             "a job is written as running, committed, and the attempt not begun",
             before(BEGINNING), quick),
            ("attempt-child_idle", "a child process is up, and not told what to make",
             before(RUNNING), lasting),
            ("attempt-started_not_committed",
             "an attempt is under way in a child, the word of its start written, not committed",
             before(COMMIT, within=SAYING_STARTED), lasting),
            ("attempt-started_committed",
             "an attempt is under way in a child, the word of its start committed",
             after(COMMIT, within=SAYING_STARTED), lasting),
            ("attempt-lease_not_renewed", "a heartbeat has written new leases, not committed",
             after(RENEWING), lasting),
            ("attempt-lease_renewed", "a heartbeat has renewed the leases",
             after(COMMIT, within=BEATING), lasting),
        )
    ]  # fmt: skip


def _ends(place: str, what: str, story: StoryName, *statuses: Status) -> list[CrashPoint]:
    """The same steps for every way an attempt may end."""
    finishing = Seam(FINISHING, _with_status(*statuses))
    recording = Seam(RECORDING, _with_status(*statuses))
    return [
        CrashPoint(f"generator-{place}-{moment}", f"{what} {says}", spot, story)
        for moment, says, spot in (
            ("not_written", "is known, and not written", before(finishing)),
            ("written_not_committed", "is written, and not committed", after(recording)),
            ("committed_not_relayed", "is committed, and its event still in the outbox",
             after(COMMIT, within=finishing)),
        )
    ]  # fmt: skip


def _orders() -> list[CrashPoint]:
    """What is ordered from a provider, with its price."""
    intending, submitting = Seam(f"{ORDERS}.intend"), Seam(f"{ORDERS}.submitted")
    return [
        CrashPoint(f"generator-order-{moment}", says, spot, StoryName.ORDERED)
        for moment, says, spot in (
            ("intended_not_committed", "the intention to order is written, and not committed",
             before(COMMIT, within=intending)),
            ("intended_not_sent", "the intention is committed, and nothing ordered",
             after(intending)),
            ("sent_not_noted", "it is ordered, and the provider's number not noted",
             before(submitting)),
            ("noted_not_committed", "the number is written, and not committed",
             before(COMMIT, within=submitting)),
            ("noted", "the number is committed, and its work not fetched", after(submitting)),
        )
    ]  # fmt: skip


def _losses() -> list[CrashPoint]:
    """What becomes of a job whose worker has died, when the next one dies over it."""
    taken_over, used_up = StoryName.TAKEN_OVER, StoryName.USED_UP
    return [
        CrashPoint(f"generator-{moment}", says, spot, story)
        for moment, says, spot, story in (
            ("takeover-written_not_committed",
             "a takeover is written, the lost attempt closed with it, and not committed",
             after(TAKING_OVER), taken_over),
            ("takeover-committed_not_begun", "a takeover is committed, and the attempt not begun",
             before(BEGINNING, once=TAKING_OVER), taken_over),
            ("reaping-written_not_committed",
             "the end of a job without attempts left is written, and not committed",
             after(REAPING), used_up),
            ("reaping-committed_not_relayed",
             "that is committed, and its event still in the outbox",
             after(COMMIT, once=REAPING), used_up),
        )
    ]  # fmt: skip


def _assets() -> list[CrashPoint]:
    return [
        CrashPoint(
            "generator-assets-not_stored",
            "the child is done, and its files are not in the store",
            before(INTAKE),
            StoryName.LASTING,
        ),
        CrashPoint(
            "generator-assets-stored_not_recorded",
            "the assets are in the store, and nothing is recorded",
            after(INTAKE),
            StoryName.LASTING,
        ),
    ]


GENERATOR: tuple[CrashPoint, ...] = (
    *delivery_points(
        "generator-work", topology.work_queue("noop", Lane.INTERACTIVE).name,
        MediaRequested.type_name, StoryName.QUICK,
    ),
    *delivery_points(
        "generator-cancel_wish", topology.GENERATOR_CONTROL,
        MediaCancelRequested.type_name, StoryName.CANCELED,
    ),
    *delivery_points(
        "generator-decision", topology.GENERATOR_CONTROL,
        MediaReconciled.type_name, StoryName.DECIDED,
    ),
    *_pauses(),
    *burial_points("generator-burial"),
    *_starts(),
    *_orders(),
    *_losses(),
    *_assets(),
    *_ends("result", "a result", StoryName.QUICK, Status.GENERATED),
    *_ends("retry", "that the job is to be retried", StoryName.RETRIED, Status.RETRYING),
    *_ends("release", "that the job is given back (SIGTERM)", StoryName.RELEASED, Status.RETRYING),
    *_ends("cancel", "that the child was stopped", StoryName.CANCELED, Status.CANCELED),
    *_ends(
        "doubt", "that it may have been ordered", StoryName.IN_DOUBT, Status.NEEDS_RECONCILIATION
    ),
    *relay_points("generator"),
)  # fmt: skip

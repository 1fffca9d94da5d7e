"""One request on the screen: how it stands, its limits, its attempts, its files."""

from datetime import datetime

from rich.console import Console
from rich.filesize import decimal
from rich.text import Text

from deploy.cli.listing import Listing
from deploy.cli.surroundings import Surroundings
from deploy.cli.wording import NOTHING, ago, moment, print_pairs, span, status_text, usd
from shared.client import Attempt, Failure, Job, JobAsset

Row = tuple[str, str | Text]


def describe(asset: JobAsset) -> str:
    """An asset in a few words: image/png 1200x630, 96.4 kB."""
    dimensions = f" {asset.width}x{asset.height}" if asset.width and asset.height else ""
    return f"{asset.media_type}{dimensions}, {decimal(asset.size)}"


def print_job(here: Surroundings, job: Job, *, paused: bool) -> None:
    """Everything a person wants to know of one request; `paused`: its generator is."""
    print_pairs(here.out, [*_standing(job), *_limits(job)])
    _print_attempts(here.out, job)
    _print_assets(here, job)
    if paused:
        words = f"{job.generator} is paused; to let it start: darkroom resume {job.generator}"
        here.err.print(Text(f"\n{words}", "yellow"), soft_wrap=True)
    if job.status == "needs_reconciliation":
        here.err.print(Text(f"\n{advice_to_reconcile(job)}", "yellow"), soft_wrap=True)
    if job.is_final and job.status != "ready":
        here.err.print(Text(f"\nask again: darkroom retry {job.id}", "dim"), soft_wrap=True)


def _standing(job: Job) -> list[Row]:
    rows: list[Row] = [
        ("id", str(job.id)),
        ("status", status_text(job.status)),
        ("generator", job.generator + (f" ({job.priority})" if job.priority else "")),
        ("asked", f"{moment(job.created_at)}  ({ago(job.created_at)})"),
    ]
    if job.retried_from:
        rows.append(("repeats", str(job.retried_from)))
    if job.queue_position is not None:
        rows.append(
            ("waiting", f"{job.queue_position} before it" if job.queue_position else "it is next")
        )
    if job.finished_at:
        rows.append(("took", span(job.created_at, job.finished_at)))
    if job.progress and not job.is_final:
        percent = job.progress.percent
        words = [f"{percent:.0f} %" if percent is not None else "", job.progress.message or ""]
        rows.append(("progress", "  ".join(filter(None, words)) or NOTHING))
    if job.error:
        rows.append(_error(job.error, job.status))
    if job.cost is not None:
        rows.append(("cost", usd(job.cost)))
    return [*rows, *_doubt(job)]


def _doubt(job: Job) -> list[Row]:
    """What is known of an order that a provider may have taken."""
    known = job.reconciliation
    if known is None:
        return []
    order = known.provider_job_id or "it has not said what it calls it"
    rows: list[Row] = [("ordered at", f"{known.provider}  ({order})")]
    if known.since:
        rows.append(("in doubt", f"{moment(known.since)}  ({ago(known.since)})"))
    if known.resolution:
        rows.append(("decided", known.resolution))
    return rows


def advice_to_reconcile(job: Job) -> str:
    """What somebody has to do."""
    provider = job.reconciliation.provider if job.reconciliation else "the provider"
    return (
        f"look at {provider} whether it has taken it, then: "
        f"darkroom reconcile {job.id} --attach ID | --resubmit | --fail"
    )


def _limits(job: Job) -> list[Row]:
    """What it may not exceed, as far as that still matters or is why it ended."""
    rows: list[Row] = []
    if job.deadline_at and (job.started_at is None or job.status == "expired"):
        rows.append(("start by", moment(job.deadline_at)))
    if job.finish_by and (not job.is_final or job.status == "expired"):
        rows.append(("end by", moment(job.finish_by)))
    if not job.is_final:
        tries = f"{job.max_attempts} attempts" if job.max_attempts not in (None, 1) else ""
        tries = "1 attempt" if job.max_attempts == 1 else tries
        each = f"{job.attempt_timeout_seconds} s each" if job.attempt_timeout_seconds else ""
        if words := ", ".join(filter(None, [tries, each])):
            rows.append(("at most", words))
    return rows


def _error(error: Failure, status: str) -> Row:
    code = f"  [{error.code}]" if error.code != error.message else ""
    if status == "failed":
        return "error", Text(f"{error.message}{code}", "red")
    return "reason", Text(f"{error.message}{code}")


def _print_attempts(console: Console, job: Job) -> None:
    if not job.attempts:
        return
    paid = any(attempt.backend not in (None, "local") for attempt in job.attempts)
    columns = (">attempt", "outcome", "began", "took", "worker")
    more = ("backend", ">cost") if paid else ()
    shown = Listing(*columns, *more, words="why", whole=True)
    for attempt in job.attempts:
        why = attempt.failure.message if attempt.failure else ""
        took = span(attempt.started_at, attempt.ended_at)
        cells = (str(attempt.number), status_text(attempt.outcome), _clock(attempt.started_at))
        where = (attempt.backend or NOTHING, usd(attempt.cost)) if paid else ()
        shown.add(*cells, took, _worker(attempt), *where, words=why)
    console.print()
    shown.print(console)


def _worker(attempt: Attempt) -> str:
    """Host and process, without when that started."""
    return (attempt.worker or NOTHING).rpartition(":")[0] or attempt.worker or NOTHING


def _clock(value: datetime | None) -> str:
    return value.astimezone().strftime("%H:%M:%S.%f")[:-3] if value else NOTHING


def _print_assets(here: Surroundings, job: Job) -> None:
    for asset in job.assets:
        here.out.print()
        rows = [(asset.role, describe(asset)), ("sha256", asset.sha256)]
        if asset.url:
            rows.append(("url", here.whole_url(asset.url)))
        print_pairs(here.out, rows)

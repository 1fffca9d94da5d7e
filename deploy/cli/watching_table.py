"""`darkroom watch --table`: the requests of which something was heard, a line each that moves."""

from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from rich.console import Console, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from deploy.cli.wording import NOTHING, duration, status_text
from shared.client import LiveEvent

STATUSES = {
    "requested": "queued",
    "started": "running",
    "progressed": "running",
    "retrying": "retrying",
    "cancel_requested": "canceling",
    "needs_reconciliation": "needs_reconciliation",
    "reconciled": "running",
    "ready": "ready",
    "failed": "failed",
    "canceled": "canceled",
    "expired": "expired",
    "deleted": "deleted",
}
"""What a request is when this was heard of it; of other events it stays what it was."""
_OVER = frozenset({"ready", "failed", "canceled", "expired", "deleted"})
_AROUND = 3
"""Lines that are not requests: the names of columns, what is left out, and the cursor's."""
_WIDE, _LASTING = 100, 9
_MANY = 500
"""Requests that are remembered; of more the first that have ended are forgotten."""


@dataclass(slots=True)
class Watched:
    """What was heard of one request."""

    job_id: str
    generator: str
    began: datetime
    status: str = NOTHING
    percent: float | None = None
    words: str = ""
    ended: datetime | None = None

    def hear(self, event: LiveEvent) -> None:
        """Something has happened to it."""
        name, data = event.type.removeprefix("media."), event.body["data"]
        if self.ended is not None and name != "deleted":
            return
        self.status = STATUSES.get(name, self.status)
        self.percent = data.get("percent") if name == "progressed" else None
        failure = data.get("failure") or {}
        self.words = str(data.get("message") or failure.get("message") or "")
        if self.status in _OVER:
            self.ended = self.ended or _moment(event)


class WatchingTable:
    """Shown while it is listened, and left as it was last; for a terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._watched: dict[str, Watched] = {}
        self._live = Live(
            console=console,
            get_renderable=self._rendered,
            refresh_per_second=4,
            vertical_overflow="crop",
        )

    def __enter__(self) -> Self:
        self._live.start(refresh=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._live.stop()

    def hear(self, event: LiveEvent) -> None:
        """Something has happened."""
        job_id = str(event.body["subject"])
        watched = self._watched.get(job_id)
        if watched is None:
            generator = str(event.body["data"]["generator"])
            watched = self._watched[job_id] = Watched(job_id, generator, _moment(event))
            self._forget_some()
        watched.hear(event)

    def _forget_some(self) -> None:
        over = [one for one, job in self._watched.items() if job.ended is not None]
        for job_id in over[: max(0, len(self._watched) - _MANY)]:
            del self._watched[job_id]

    def _rendered(self) -> Table:
        now, room = datetime.now(UTC), max(1, self._console.height - _AROUND)
        found = list(self._watched.values())
        shown = _most_wanted(found, room)
        wide = self._console.width >= _WIDE
        table = _empty_table(wide=wide)
        for job in shown:
            table.add_row(*_row(job, now, wide=wide))
        if len(found) > len(shown):
            table.add_row(Text(f"and {len(found) - len(shown):,} more", "dim"))
        elif not found:
            table.add_row(Text("nothing has happened yet", "dim"))
        return table


def _most_wanted(found: list[Watched], room: int) -> list[Watched]:
    """What goes on, then what ended last; in the order in which it was first heard of."""
    going_on = [job for job in found if job.ended is None][:room]
    over = [job for job in found if job.ended is not None]
    left = room - len(going_on)
    wanted = {job.job_id for job in (*going_on, *(over[-left:] if left else ()))}
    return [job for job in found if job.job_id in wanted]


def _empty_table(*, wide: bool) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", expand=wide)
    for name in ("id", "generator", "status", "", f"{'for':>{_LASTING}}"):
        table.add_column(name, no_wrap=True)
    if wide:
        table.add_column("says", ratio=1, no_wrap=True, overflow="ellipsis")
    return table


def _row(job: Watched, now: datetime, *, wide: bool) -> list[RenderableType]:
    """What is shown of it; where there is little room, not what it says."""
    lasting = f"{duration((job.ended or now) - job.began):>{_LASTING}}"
    row: list[RenderableType] = [job.job_id, job.generator, status_text(job.status)]
    row += [_bar(job, 16 if wide else 8), lasting]
    return [*row, Text(job.words, "red" if job.status == "failed" else "dim")] if wide else row


def _bar(job: Watched, width: int) -> ProgressBar | Text:
    if job.status != "running":
        return Text()
    return ProgressBar(100, job.percent or 0, width=width, pulse=job.percent is None)


def _moment(event: LiveEvent) -> datetime:
    return datetime.fromisoformat(str(event.body["time"]))

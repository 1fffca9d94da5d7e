"""A job as a line that moves: what it is doing, how far it is, how long it has taken."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shared.client import Job


class JobProgress:
    """Shown while a job goes on, gone when it has ended; nothing where there is no terminal."""

    def __init__(self, console: Console, job: Job) -> None:
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=32),
            TextColumn("{task.fields[doing]}", style="dim"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task(job.generator, total=None, doing=job.status)

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Clear the line."""
        self._progress.stop()

    def update(self, job: Job) -> None:
        """Show the job as it stands."""
        percent = job.progress.percent if job.progress else None
        message = job.progress.message if job.progress else None
        attempt = f", attempt {len(job.attempts)}" if len(job.attempts) > 1 else ""
        self._progress.update(
            self._task,
            total=None if percent is None else 100,
            completed=percent or 0,
            doing=message or f"{job.status}{attempt}",
        )

"""How an error is told: what went wrong, then what to do about it, and the exit code."""

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from deploy.cli.wording import duration
from shared.client import (
    ApiUnavailableError,
    BusyError,
    OutOfServiceError,
    OverBudgetError,
    TooMuchError,
)
from shared.errors import DarkroomError

FAILED, TRY_LATER = 1, 3


def tell(console: Console, error: DarkroomError) -> int:
    """Say it on `console`; the exit code that scripts get."""
    console.print(Text.assemble(("error: ", "bold red"), error.detail), soft_wrap=True)
    if advice := _advice(error):
        console.print(Text(advice, "dim"), soft_wrap=True)
    return TRY_LATER if isinstance(error, BusyError | ApiUnavailableError) else FAILED


def tell_pause(console: Console, error: BusyError | ApiUnavailableError, pause: timedelta) -> None:
    """Why nothing happens for now; short pauses are nobody's business."""
    if pause >= timedelta(seconds=1):
        line = f"{_short(error)}: asking again in {duration(pause)}"
        console.print(Text(line, "dim"), soft_wrap=True)


def _advice(error: DarkroomError) -> str | None:
    match error:
        case OverBudgetError():
            return "How it stands: darkroom budget show. More: darkroom budget set USD"
        case TooMuchError():
            return f"{_when(error)}; what waits: darkroom list --status queued"
        case OutOfServiceError():
            return f"{_when(error)}; the API's /health/ready says what is away"
        case BusyError():
            return f"{_when(error)}."
        case ApiUnavailableError():
            return (
                "Start a stack here: darkroom up --detach. Or say in DARKROOM_API_URL where one is."
            )
    return None


def _when(error: BusyError) -> str:
    after = error.retry_after
    return f"Try again in {duration(after)}" if after else "Try again later"


def _short(error: BusyError | ApiUnavailableError) -> str:
    return error.problem.title if isinstance(error, BusyError) else error.title

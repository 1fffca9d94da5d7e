"""How an error is told: what went wrong, then what to do about it, and the exit code."""

from datetime import timedelta

from rich.console import Console
from rich.text import Text

from deploy.cli.wording import duration
from shared.client import (
    API_KEY,
    ApiForbiddenError,
    ApiUnauthenticatedError,
    ApiUnavailableError,
    BadApiKeyError,
    BusyError,
    OutOfServiceError,
    OverBudgetError,
    TooMuchError,
)
from shared.errors import DarkroomError

FAILED, TRY_LATER = 1, 3
_NEW_KEY = "darkroom keys create --name NAME --scopes media:read,media:write"


def tell(console: Console, error: DarkroomError, *, own_key: bool = False) -> int:
    """Say it on `console`; the exit code that scripts get. `own_key`: whether they brought one."""
    console.print(Text.assemble(("error: ", "bold red"), error.detail), soft_wrap=True)
    if advice := _advice(error, own_key=own_key):
        console.print(Text(advice, "dim"), soft_wrap=True)
    return TRY_LATER if isinstance(error, BusyError | ApiUnavailableError) else FAILED


def tell_pause(console: Console, error: BusyError | ApiUnavailableError, pause: timedelta) -> None:
    """Why nothing happens for now; short pauses are nobody's business."""
    if pause >= timedelta(seconds=1):
        line = f"{_short(error)}: asking again in {duration(pause)}"
        console.print(Text(line, "dim"), soft_wrap=True)


def _advice(error: DarkroomError, *, own_key: bool) -> str | None:
    match error:
        case ApiUnauthenticatedError() | ApiForbiddenError() | BadApiKeyError():
            return _about_keys(error, own_key=own_key)
        case OverBudgetError():
            return "How it stands: darkroom budget show. More: darkroom budget set USD"
        case BusyError():
            return _about_time(error)
        case ApiUnavailableError():
            return (
                "Start a stack here: darkroom up --detach. Or say in DARKROOM_API_URL where one is."
            )
    return None


def _about_time(error: BusyError) -> str:
    match error:
        case TooMuchError():
            return f"{_when(error)}; what waits: darkroom list --status queued"
        case OutOfServiceError():
            return f"{_when(error)}; the API's /health/ready says what is away"
    return f"{_when(error)}."


def _about_keys(error: DarkroomError, *, own_key: bool) -> str:
    makes = f"Operators make {'new ones' if own_key else 'them'}: {_NEW_KEY}"
    match error:
        case BadApiKeyError():
            return f"Look at {API_KEY}: it has to be what darkroom keys create printed."
        case ApiForbiddenError():
            return f"Say a key in {API_KEY} that may do it. {makes}"
        case _ if own_key:
            return f"{API_KEY} has no key that is good there. {makes}"
    return f"Say a key in {API_KEY}. {makes}"


def _when(error: BusyError) -> str:
    after = error.retry_after
    return f"Try again in {duration(after)}" if after else "Try again later"


def _short(error: BusyError | ApiUnavailableError) -> str:
    return error.problem.title if isinstance(error, BusyError) else error.title

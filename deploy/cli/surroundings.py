"""What every command is given: where to write, and how to reach what is running."""

import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin

import httpx
import typer
from rich.console import Console

from deploy.cli.advice import tell_pause
from deploy.local.stack import StackInfo, default_home, read_stack
from shared.client import API_KEY, DarkroomClient
from shared.errors import PermanentError

API_URL = "DARKROOM_API_URL"
MANAGEMENT_URL = "DARKROOM_RABBITMQ_MANAGEMENT_URL"
TENANT = "DARKROOM_TENANT"
_WIDE = 240


class NothingRunningError(PermanentError):
    """There is nothing running that this command could talk to."""

    code = "nothing_running"
    title = "Nothing running"


def _ask(question: str) -> bool:
    """Yes or no, from whoever sits there. Raises `typer.BadParameter` where nobody does."""
    if not sys.stdin.isatty():
        raise typer.BadParameter("nobody is there to be asked: say --yes, or --dry-run to look")
    return typer.confirm(question)


@dataclass(frozen=True)
class Surroundings:
    """The world outside, so that tests can bring their own."""

    out: Console = field(default_factory=lambda: _console(stderr=False))
    err: Console = field(default_factory=lambda: _console(stderr=True))
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    api_transport: httpx.AsyncBaseTransport | None = None
    management_transport: httpx.BaseTransport | None = None
    ask: Callable[[str], bool] = _ask

    def client(self, *, tries: int = 3) -> DarkroomClient:
        """A client of the API that runs here, or of the one that `DARKROOM_API_URL` names."""
        return DarkroomClient(
            self.api_url(),
            api_key=self.api_key() or "",
            tenant=self.environment.get(TENANT) or None,
            transport=self.api_transport,
            tries=tries,
            on_pause=lambda error, pause: tell_pause(self.err, error, pause),
        )

    def api_url(self) -> str:
        """Where the API is. Raises `NothingRunningError`."""
        return self.environment.get(API_URL) or self.stack(API_URL, "an API").api

    def api_key(self) -> str | None:
        """The key to ask with: what the environment says, else the operator's of the stack here."""
        if said := self.environment.get(API_KEY):
            return said
        running = None if self.environment.get(API_URL) else read_stack(default_home())
        return running.api_key if running else None

    def whole_url(self, path: str) -> str:
        """The whole address of what the API calls by its path."""
        return urljoin(self.api_url(), path)

    def management_url(self) -> str:
        """Where RabbitMQ's management API is, with name and password in it."""
        what = "RabbitMQ's management API"
        if url := self.environment.get(MANAGEMENT_URL):
            return url
        if url := self.stack(MANAGEMENT_URL, what).management:
            return url
        raise NothingRunningError(f"set {MANAGEMENT_URL} to where {what} is")

    def stack(self, variable: str, what: str) -> StackInfo:
        """The stack that runs from this checkout; where there is none, says what else would do."""
        if running := read_stack(default_home()):
            return running
        raise NothingRunningError(
            f"no stack runs from this checkout, and {variable} does not say where {what} is; "
            "`darkroom up --detach` starts one"
        )


def _console(*, stderr: bool) -> Console:
    """The terminal; wide where there is none, so that `darkroom list | grep` sees whole lines."""
    console = Console(stderr=stderr, highlight=False)
    if not console.is_terminal:
        console.width = _WIDE
    return console


def surroundings(context: typer.Context) -> Surroundings:
    """The surroundings of this call of the command."""
    given = context.obj
    assert isinstance(given, Surroundings), "main() gives every command its surroundings"
    return given

"""The command line with an API and a broker in memory."""

import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pytest
from rich.console import Console

from deploy.cli.main import main
from deploy.cli.surroundings import API_URL, MANAGEMENT_URL, Surroundings
from tests.unit.cli.fake_management import FakeManagement
from tests.unit.client.fake_api import FakeApi


@dataclass(frozen=True)
class Outcome:
    """What one call of the command did."""

    code: int
    out: str
    err: str


Run = Callable[..., Outcome]


@pytest.fixture
def api() -> FakeApi:
    return FakeApi()


@pytest.fixture
def broker() -> FakeManagement:
    return FakeManagement()


@pytest.fixture
def run(api: FakeApi, broker: FakeManagement, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `darkroom` with these arguments; `answer` is what somebody says who is asked.

    With `width` it is a terminal of that many columns, without it is a pipe. `environment`: beside
    the addresses.
    """

    def call(
        *arguments: str,
        answer: bool | None = None,
        width: int | None = None,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        here = Surroundings(
            out=_console(out, width),
            err=_console(err, width),
            environment={
                API_URL: "http://api.test",
                MANAGEMENT_URL: "http://darkroom:secret@broker.test:15672",
                **environment,
            },
            api_transport=api.transport,
            management_transport=broker.transport,
            **({} if answer is None else {"ask": lambda _question: answer}),
        )
        with pytest.raises(SystemExit) as left:
            main(arguments, here)
        printed = capsys.readouterr()
        code = left.value.code
        return Outcome(int(code or 0), out.getvalue() + printed.out, err.getvalue() + printed.err)

    return call


def _console(file: io.StringIO, width: int | None) -> Console:
    return Console(
        file=file,
        width=width or 240,
        highlight=False,
        force_terminal=width is not None,
        color_system=None,
    )

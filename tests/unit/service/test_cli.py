"""The command line of a service tells what is wrong and exits accordingly."""

import pytest
from sqlalchemy import MetaData

from services.notifier.settings import NotifierSettings
from shared.service import ServiceApp, cli, service_main
from shared.service.settings import variables


def unbuildable(settings: NotifierSettings) -> ServiceApp:
    raise AssertionError("nothing is built before the settings are right")


def run(*arguments: str) -> int:
    return service_main("notifier", NotifierSettings, unbuildable, MetaData(), arguments)


@pytest.fixture(autouse=True)
def _nothing_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in variables(NotifierSettings):
        monkeypatch.delenv(variable.name, raising=False)


@pytest.mark.parametrize("command", ["serve", "migrate"])
def test_missing_settings_are_named_and_nothing_starts(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command) == 2
    assert "notifier: DARKROOM_NOTIFIER_DATABASE_URL is not set" in capsys.readouterr().err


def test_a_service_lets_others_finish_before_it_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    monkeypatch.setenv("DARKROOM_NOTIFIER_DATABASE_URL", "postgresql://localhost/darkroom")
    monkeypatch.setenv("DARKROOM_RABBITMQ_URL", "amqp://localhost")
    monkeypatch.setattr(cli, "configure_logging", lambda *_, **__: None)
    monkeypatch.setattr(cli, "finish_before_others", lambda: steps.append("asked"))

    def serve(*_: object) -> int:
        steps.append("served")
        return 0

    monkeypatch.setattr(cli, "serve", serve)
    assert run("serve") == 0
    assert steps == ["asked", "served"]


def test_an_unknown_command_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run("dance")
    assert end.value.code == 2
    assert "{serve,migrate}" in capsys.readouterr().err

"""What a machine lacks."""

from pathlib import Path

import pytest

from deploy.local import doctor
from deploy.local.doctor import diagnose, report
from deploy.local.finding import Finding
from deploy.local.settings import Backend, LocalSettings
from services.generator.errors import UnavailableGeneratorError, UnloadableGeneratorError
from services.generator.registry import GeneratorRegistry
from shared.errors import DarkroomError


def _finding(name: str, settings: LocalSettings) -> Finding:
    return next(finding for finding in diagnose(settings) if finding.name == name)


def test_a_missing_rabbitmq_comes_with_its_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(doctor, "find_server", lambda: None)
    settings = LocalSettings(home=tmp_path, backend=Backend.EMBEDDED)
    assert not _finding("rabbitmq", settings).ok
    assert report(settings) == 1
    assert "apt-get install rabbitmq-server" in capsys.readouterr().out


def test_a_given_broker_needs_no_rabbitmq_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "find_server", lambda: None)
    settings = LocalSettings(
        home=tmp_path, backend=Backend.EMBEDDED, rabbitmq_url="amqp://somewhere"
    )
    assert _finding("rabbitmq", settings).ok


def test_fonts_come_with_the_checkout(tmp_path: Path) -> None:
    assert _finding("fonts", LocalSettings(home=tmp_path, backend=Backend.EMBEDDED)).ok


def test_a_folder_that_does_not_exist_yet_is_fine(tmp_path: Path) -> None:
    home = tmp_path / "not" / "yet"
    settings = LocalSettings(home=home, backend=Backend.EMBEDDED)
    assert _finding("folder", settings).ok
    assert _finding("disk", settings).ok


def test_a_generator_that_can_run_here_is_named(tmp_path: Path) -> None:
    card = _finding("card", LocalSettings(home=tmp_path, backend=Backend.EMBEDDED))

    assert (card.word, "image/png" in card.detail) == ("ok", True)


def test_what_lacks_something_is_off_and_what_is_broken_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    problems: dict[str, DarkroomError] = {
        "music": UnavailableGeneratorError("needs the program fluidsynth"),
        "plugin": UnloadableGeneratorError("ImportError: no"),
    }
    monkeypatch.setattr(doctor, "discover", lambda *_, **__: GeneratorRegistry([], problems))

    assert report(LocalSettings(home=tmp_path, backend=Backend.EMBEDDED)) == 1

    lines = capsys.readouterr().out.splitlines()
    assert "off     music            needs the program fluidsynth" in lines
    assert "MISSING plugin           ImportError: no" in lines

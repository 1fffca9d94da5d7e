"""Which generators are hosted, and why others are not."""

from importlib.metadata import EntryPoint
from typing import Any

import pytest
from structlog.testing import capture_logs

from services.generator.errors import NotHostedError
from services.generator.generators.noop import NoopGenerator, NoopInput
from services.generator.registry import GROUP, discover
from shared.generators import Execution, Generator, Limits

HERE = "tests.unit.generator.test_registry"
NOOP = "services.generator.generators.noop:NoopGenerator"
FLAKY = "services.generator.generators.flaky:FlakyGenerator"


class SilentGenerator(NoopGenerator):
    """Its name is that of another entry point."""

    name = "silent"


class NamelessGenerator(Generator[NoopInput]):
    """Says nothing of itself."""


class LackingGenerator(NoopGenerator):
    """Cannot run here."""

    name = "lacking"

    @classmethod
    def unavailable(cls) -> str | None:
        return "needs the program nosuch: apt-get install nosuch"


class ConfusedGenerator(NoopGenerator):
    """Cannot say whether it can run here."""

    name = "confused"

    @classmethod
    def unavailable(cls) -> str | None:
        raise RuntimeError("no idea")


class HeavyGenerator(NoopGenerator):
    """Keeps three gigabytes."""

    name = "heavy"
    execution = Execution.CHILD
    limits = Limits(resident_bytes=3 * 1024**3)


def installed(**entries: str) -> list[EntryPoint]:
    return [EntryPoint(name, value, GROUP) for name, value in entries.items()]


def hosted(only: set[str] | None = None, *, faults: bool = False, **entries: str) -> Any:
    return discover(only, allow_faults=faults, installed=lambda: installed(**entries))


def test_what_is_installed_is_hosted() -> None:
    registry = hosted(silent=f"{HERE}:SilentGenerator")

    assert registry.names == ("silent",)
    assert registry.get("silent") is SilentGenerator
    assert registry.names_run_in(Execution.LOOP) == ("silent",)
    assert registry.names_run_in(Execution.CHILD) == ()
    assert [kind.name for kind in registry] == ["silent"]
    assert registry.problem() is None


def test_a_generator_that_cannot_be_imported_is_reported_and_the_others_work() -> None:
    registry = hosted(
        silent=f"{HERE}:SilentGenerator", broken="no.such.module:Class", absent=f"{HERE}:Absent"
    )

    assert registry.names == ("silent",)
    assert set(registry.problems) == {"broken", "absent"}
    assert "ModuleNotFoundError" in registry.problems["broken"].detail


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (f"{HERE}:installed", "no generator class"),
        (f"{HERE}:SilentGenerator", "calls itself 'silent'"),
        (f"{HERE}:NamelessGenerator", "does not say name, version"),
    ],
)
def test_what_is_no_proper_generator_is_reported(value: str, reason: str) -> None:
    assert reason in hosted(other=value).problems["other"].detail


def test_what_lacks_something_is_not_hosted_and_that_is_no_error() -> None:
    registry = hosted(lacking=f"{HERE}:LackingGenerator", confused=f"{HERE}:ConfusedGenerator")

    with capture_logs() as logs:
        registry.report()

    assert registry.names == ()
    assert [(line["event"], line["log_level"], line["reason"]) for line in logs] == [
        ("generator.unloadable", "error", "RuntimeError: no idea"),
        ("generator.unavailable", "info", "needs the program nosuch: apt-get install nosuch"),
    ]


def test_what_keeps_more_memory_than_there_is_is_not_hosted() -> None:
    entries = installed(heavy=f"{HERE}:HeavyGenerator")

    def with_memory(gibibytes: int) -> Any:
        return discover(memory=gibibytes * 1024**3, installed=lambda: entries)

    assert with_memory(3).names == ("heavy",)
    assert "needs 3072 MiB of memory, 2048 MiB may be used" in (
        with_memory(2).problems["heavy"].detail
    )


def test_flaky_is_hosted_only_where_faults_are_allowed() -> None:
    assert hosted({"flaky"}, flaky=FLAKY).names == ()
    assert hosted(flaky=FLAKY).names == ()
    assert hosted(flaky=FLAKY, faults=True).names == ("flaky",)


def test_noop_is_hosted_only_where_it_is_asked_for() -> None:
    assert hosted(noop=NOOP).names == ()
    assert hosted(noop=NOOP, faults=True).names == ("noop",)
    assert hosted({"noop"}, noop=NOOP).names == ("noop",)


def test_only_those_that_are_named_are_hosted() -> None:
    registry = hosted({"noop"}, noop=NOOP, silent=f"{HERE}:SilentGenerator")

    assert registry.names == ("noop",)


def test_a_name_that_is_not_installed_is_reported() -> None:
    registry = hosted({"noop", "video"}, noop=NOOP)

    assert set(registry.problems) == {"video"}


def test_a_process_without_generators_is_not_ready() -> None:
    assert hosted().problem() == "no generator is hosted here"


def test_asking_for_what_is_not_hosted_is_an_error() -> None:
    with pytest.raises(NotHostedError, match="video"):
        hosted().get("video")

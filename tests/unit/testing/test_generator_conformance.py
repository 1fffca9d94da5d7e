"""The conformance suite sees each promise that a generator breaks, and lets the good ones be."""

from pathlib import Path
from typing import ClassVar

import pytest

from shared.generators import Generator
from shared.testing import generator_children, generator_conformance
from shared.testing.generator_conformance import GeneratorConformance
from tests.unit.testing import bad_generators as bad


class TestGood(GeneratorConformance):
    generator = bad.GoodGenerator
    inputs = ({"text": "hello"}, {"source": bad.ASSET})
    assets: ClassVar = {bad.ASSET: b"the file that is named"}
    hostile = ({"source": "../../etc/passwd"}, {"source": bad.ASSET.replace("1", "2")})


class TestInLoop(GeneratorConformance):
    generator = bad.InLoopGenerator
    inputs = ({"text": "hello"},)


def test_programs_that_end_with_their_generator_are_fine() -> None:
    assert generator_children.survivors_of_a_kill(bad.ForkingGenerator, {"text": "x"}) == []


STAGES = "test_provenance_is_json_and_says_how_long_each_stage_took"
STOPPED = "test_nothing_goes_on_when_it_is_stopped"
CHILD = "test_a_child_process_within_its_limits_gives_the_same_bytes"
NASTY = "test_nasty_text_is_refused_or_harmless"
PROGRESS = "test_progress_only_grows_and_is_heard_of"
IMPOSSIBLE = "test_impossible_values_are_refused_when_they_are_read"


@pytest.mark.parametrize(
    ("kind", "promise", "complaint"),
    [
        (bad.HungryGenerator, CHILD, "resident_bytes"),
        (bad.LocalGenerator, CHILD, "other bytes"),
        (bad.DyingGenerator, CHILD, "it died"),
        (bad.ConnectingGenerator, NASTY, "not its own"),
        (bad.StrayGenerator, NASTY, "not its own"),
        (bad.TrustingGenerator, NASTY, "no reason, but"),
        (bad.ReturningGenerator, PROGRESS, "goes back"),
        (bad.OvershootingGenerator, PROGRESS, "101"),
        (bad.SilentGenerator, PROGRESS, "without a word"),
        (bad.LeavingGenerator, STOPPED, "still running"),
        (bad.StubbornGenerator, STOPPED, "does not stop"),
        (bad.DetachedGenerator, STOPPED, "still running"),
        (bad.ForgetfulGenerator, STAGES, "no `stages`"),
        (bad.EndlessGenerator, IMPOSSIBLE, "accepted: 1000"),
        (bad.RashGenerator, IMPOSSIBLE, "AttributeError"),
    ],
)
def test_a_broken_promise_is_seen(
    kind: type[Generator[bad.Input]],
    promise: str,
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(generator_conformance, "_SILENCE", 0.05)
    monkeypatch.setattr(generator_conformance, "_STOPS_WITHIN", 0.3)
    monkeypatch.setattr(generator_children, "_GONE_SECONDS", 0.3)

    class Suite(GeneratorConformance):
        generator = kind
        inputs = ({"text": "x"}, {"text": "y"})

    check = getattr(Suite(), promise)
    wants_folder = "tmp_path" in check.__func__.__code__.co_varnames
    with pytest.raises(AssertionError, match=complaint):
        check(tmp_path) if wants_folder else check()


def test_the_heaviest_input_is_held_to_the_limits_too() -> None:
    class Suite(GeneratorConformance):
        generator = bad.HungryGenerator
        heaviest = ({"text": "x"},)

    with pytest.raises(AssertionError, match="resident_bytes"):
        Suite().test_the_heaviest_inputs_stay_within_the_limits()


def test_numbers_that_json_does_not_know_are_no_provenance() -> None:
    class Suite(GeneratorConformance):
        generator = bad.VagueGenerator
        inputs = ({"text": "x"},)

    with pytest.raises(ValueError, match="JSON"):
        getattr(Suite(), STAGES)()


def test_a_generator_that_takes_no_text_has_no_nasty_text() -> None:
    class Suite(GeneratorConformance):
        generator = bad.GoodGenerator

    getattr(Suite(), NASTY)()
    getattr(Suite(), CHILD)()
    getattr(Suite(), STOPPED)(Path())

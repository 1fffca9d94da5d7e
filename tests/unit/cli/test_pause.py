"""`darkroom pause` and `resume`."""

import json

import pytest

from deploy.cli import pausing
from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import CARD, FakeApi


def test_generator_is_paused_and_resumed(run: Run, api: FakeApi) -> None:
    paused = run("pause", "card")

    assert (paused.code, paused.out) == (0, "paused  card\n")
    assert "darkroom resume card" in paused.err
    assert api.announced[0]["paused"]
    assert run("resume", "card").out == "resumed  card\n"
    assert not api.announced[0]["paused"]


def test_all_are_paused_at_once(run: Run, api: FakeApi) -> None:
    api.announced = (CARD, {**CARD, "name": "art"})

    outcome = run("pause", "--all")

    assert outcome.out == "paused  all generators\n"
    assert "darkroom resume --all" in outcome.err
    assert [one["paused"] for one in api.announced] == [True, True]


def test_a_generator_that_is_away_does_not_keep_all_from_being_paused(
    run: Run, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.cli.pausing._QUESTIONS", 1)
    away = {**CARD, "name": "art", "available": False}
    api.announced = (CARD, away)
    assert run("pause", "--all").out == "paused  all generators\n"

    api.announced = (away,)
    outcome = run("pause", "--all")
    assert outcome.out == "asked to pause  all generators\n"
    assert "no generator process has answered yet" in outcome.err


@pytest.mark.parametrize("arguments", [[], ["card", "--all"]])
def test_it_has_to_be_said_which(run: Run, arguments: list[str]) -> None:
    outcome = run("pause", *arguments)

    assert outcome.code == 2
    assert "name one generator, or say --all" in outcome.err


def test_stranger_cannot_be_paused(run: Run) -> None:
    outcome = run("pause", "crad")

    assert outcome.code == 1
    assert outcome.err == "error: no generator is called 'crad'; did you mean card?\n"


def test_nobody_may_be_there_to_hear_it(
    run: Run, api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pausing, "_QUESTIONS", 2)
    api.deaf = True

    outcome = run("pause", "card")

    assert (outcome.code, outcome.out) == (0, "asked to pause  card\n")
    assert "no generator process has answered yet" in outcome.err


def test_scripts_get_json(run: Run) -> None:
    asked = json.loads(run("pause", "card", "--json").out)

    assert (asked["generator"], asked["action"]) == ("card", "pause")

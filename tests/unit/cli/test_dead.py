"""`darkroom dead`: what people see of dead letters, and what scripts get."""

import json
import uuid

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_dead_letters import a_letter, letters

CONTROL = {"queue": "generator.control", "error_code": "unknown_type"}
IDS = [str(uuid.UUID(int=number)) for number in range(10)]


def test_list_says_where_and_why(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(1)

    lines = run("dead", "list").out.splitlines()

    assert lines[0].split() == ["id", "received", "queue", "reason"]
    assert lines[1].startswith(IDS[1])
    assert lines[1].endswith("api.progress  undecodable_message: not JSON: expected value")


def test_list_fits_into_a_terminal(run: Run, api: FakeApi) -> None:
    api.dead.letters = [a_letter(1, queue="generator.openai-images.interactive")]

    lines = run("dead", "list", width=80).out.splitlines()

    assert max(map(len, lines)) <= 80
    assert lines[-1] == "  undecodable_message: not JSON: expected value"


def test_list_of_many_says_how_to_see_all_kinds(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(3)

    outcome = run("dead", "list", "--limit", "2", "--queue", "api.progress")

    assert "darkroom dead list --queue api.progress --cursor more" in outcome.err
    assert "darkroom dead groups" in outcome.err


def test_show_says_whose_a_command_is_and_where_its_answer_goes(run: Run, api: FakeApi) -> None:
    api.dead.letters = [a_letter(1, sender="shop", reply_to="shop.answers"), a_letter(2)]

    command, event = run("dead", "show", IDS[1]).out, run("dead", "show", IDS[2]).out

    said = [line.split() for line in command.splitlines()]
    assert ["sent", "by", "shop"] in said
    assert ["answer", "to", "shop.answers"] in said
    assert "sent by" not in event
    assert "answer to" not in event


def test_groups_count_by_queue_and_reason(run: Run, api: FakeApi) -> None:
    api.dead.letters = [*letters(3), a_letter(9, **CONTROL)]

    outcome = run("dead", "groups")

    counts = [line.split()[:2] for line in outcome.out.splitlines()]
    assert counts == [["count", "queue"], ["3", "api.progress"], ["1", "generator.control"]]
    assert "--queue api.progress --error-code undecodable_message" in outcome.err


def test_groups_fit_into_a_terminal(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(3, queue="generator.openai-images.interactive")

    lines = run("dead", "groups", width=80).out.splitlines()

    assert max(map(len, lines)) <= 80
    assert lines[-1].split() == ["undecodable_message", "(UndecodableMessageError)"]


def test_show_tells_everything_with_json_in_lines(run: Run, api: FakeApi) -> None:
    api.dead.letters = [a_letter(1, body='{"id": "1", "data": {}}', replays=1)]
    api.dead.letters[0]["replayed_at"] = "2026-11-22T21:00:00Z"

    out = run("dead", "show", IDS[1]).out

    assert "media.events  media.ready.card" in out
    assert '{\n  "id": "1",\n  "data": {}\n}' in out
    assert "Traceback" in out
    assert "once 2026-11-22" in out


def test_show_leaves_what_is_no_json_as_it_is(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(1)

    outcome = run("dead", "show", IDS[1])

    assert "rubbish [bold]" in outcome.out
    assert f"darkroom dead replay {IDS[1]}" in outcome.err


@pytest.mark.parametrize("command", ["list", "groups"])
def test_none_are_said_to_be_none(run: Run, command: str) -> None:
    assert run("dead", command).out == "There are no dead letters.\n"
    assert run("dead", command, "--replayed").out == "There are none of these.\n"


def test_replay_by_id_asks_nobody(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(3)

    outcome = run("dead", "replay", IDS[1], IDS[2])

    assert (outcome.code, outcome.out) == (0, "replayed  2 dead letters\n")
    assert [letter["id"] for letter in api.dead.waiting()] == [IDS[3]]


def test_replay_counts_first_and_asks(run: Run, api: FakeApi) -> None:
    api.dead.letters = [*letters(3), a_letter(9, **CONTROL)]

    refused = run("dead", "replay", "--all", answer=False)
    assert "nothing was done" in refused.err
    assert len(api.dead.waiting()) == 4

    agreed = run("dead", "replay", "--queue", "api.progress", answer=True)
    assert agreed.code == 0
    assert agreed.out.splitlines()[-1] == "replayed  3 dead letters"
    assert [letter["queue"] for letter in api.dead.waiting()] == ["generator.control"]


def test_dry_run_changes_nothing(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(3)

    outcome = run("dead", "purge", "--all", "--limit", "2", "--dry-run")

    assert outcome.out.splitlines()[-1] == "2 dead letters would be purged"
    assert "api.progress" in outcome.out
    assert run("dead", "replay", IDS[1], "--dry-run").out == "1 dead letter would be replayed\n"
    assert len(api.dead.waiting()) == 3


def test_what_stays_is_said_with_the_reason_and_holds_up_no_other(run: Run, api: FakeApi) -> None:
    api.dead.letters = [
        a_letter(1, queue="old", unreplayable=True),
        *letters(4)[1:],
    ]

    outcome = run("dead", "replay", "--all", "--yes")

    assert outcome.code == 1
    assert outcome.out.splitlines()[-3:] == [
        "replayed  3 dead letters",
        f"failed  {IDS[1]}  There is no queue old any more.",
        "left  1 dead letter",
    ]


def test_many_are_replayed_in_turns_up_to_the_limit(run: Run, api: FakeApi) -> None:
    api.dead.letters, api.dead.at_once = letters(9), 2

    assert run("dead", "replay", "--all", "--yes", "--limit", "5").code == 0
    assert len(api.dead.waiting()) == 4
    assert run("dead", "replay", "--all", "--yes").code == 0
    assert api.dead.waiting() == []


def test_broker_that_goes_away_in_between_does_not_hide_what_was_done(
    run: Run, api: FakeApi
) -> None:
    api.dead.letters = [*letters(3), a_letter(9, **CONTROL)]
    api.dead.turns_until_away = 1

    outcome = run("dead", "replay", "--all", "--yes")

    assert outcome.code == 3
    assert outcome.out.splitlines()[-1] == "replayed  3 dead letters"
    assert "The broker is away." in outcome.err


def test_only_those_that_were_counted_are_meant(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(3)

    run("dead", "replay", "--all", "--yes")

    assert api.dead.asked[0]["received_before"] == "2026-11-22T20:00:03.000001+00:00"


def test_purge_asks_even_for_one(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(3)

    assert run("dead", "purge", IDS[1], answer=False).out == ""
    assert run("dead", "purge", IDS[1], answer=True).out == "purged  1 dead letter\n"
    assert run("dead", "purge", "--all", "--yes").code == 0
    assert api.dead.letters == []


def test_purge_of_what_was_replayed(run: Run, api: FakeApi) -> None:
    api.dead.letters = [a_letter(1), a_letter(2, replays=1)]

    run("dead", "purge", "--replayed", "--yes")

    assert [letter["id"] for letter in api.dead.letters] == [IDS[1]]


def test_nobody_is_there_to_be_asked(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(1)

    outcome = run("dead", "purge", "--all")

    assert outcome.code == 2
    assert "say --yes" in outcome.err
    assert len(api.dead.letters) == 1


@pytest.mark.parametrize(
    "arguments", [[], [IDS[1], "--all"], ["--all", "--queue", "q"], [IDS[1], "--limit", "3"]]
)
def test_it_has_to_be_said_which(run: Run, arguments: list[str]) -> None:
    assert run("dead", "replay", *arguments, "--yes").code == 2


def test_none_to_replay(run: Run) -> None:
    outcome = run("dead", "replay", "--all")

    assert (outcome.code, outcome.out) == (0, "There are none of these.\n")


def test_one_that_is_not_there_does_not_stop_the_others(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(1)

    outcome = run("dead", "replay", IDS[7], IDS[1])

    assert outcome.code == 1
    assert "there is no such dead letter" in outcome.out
    assert api.dead.waiting() == []


def test_scripts_get_json(run: Run, api: FakeApi) -> None:
    api.dead.letters = letters(2)

    def shown(*arguments: str) -> dict[str, object]:
        told: dict[str, object] = json.loads(run("dead", *arguments, "--json").out)
        return told

    assert (
        run("dead", "groups", "--json").out
        == run("dead", "replay", "--all", "--dry-run", "--json").out
    )
    assert shown("show", IDS[1])["body"] == "rubbish [bold]"
    assert shown("list")["next_cursor"] is None
    assert shown("replay", IDS[1]) == {"replayed": 1, "failed": [], "remaining": 0}
    assert shown("purge", "--all", "--yes") == {"purged": 1, "failed": [], "remaining": 0}

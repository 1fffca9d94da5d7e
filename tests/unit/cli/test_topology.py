"""`darkroom topology`: what a broker lacks is named, and made."""

import json

from shared.messaging.topology import EVENTS
from tests.unit.cli.conftest import Run
from tests.unit.cli.fake_management import FakeManagement


def test_broker_as_it_should_be(run: Run) -> None:
    outcome = run("topology", "check")

    assert outcome.code == 0
    assert "the broker at http://broker.test:15672 is as it should be" in outcome.out


def test_what_is_missing_different_or_extra_is_named(run: Run, broker: FakeManagement) -> None:
    broker.lose("queues", "api.progress")
    broker.entry("queues", "notifier.outcomes")["arguments"] = {"x-queue-type": "classic"}
    broker.document["bindings"].pop()
    broker.document["exchanges"].append({"name": "media.old", "type": "topic"})

    outcome = run("topology", "check")

    lines = [line.split(maxsplit=1) for line in outcome.out.splitlines()]
    assert outcome.code == 1
    assert [sign for sign, _ in lines] == ["missing", "missing", "different", "extra"]
    assert "queue api.progress" in outcome.out
    assert "x-queue-type" in outcome.out
    binding = "media.requested.card.batch.overflow--> generator.card.batch.overflow"
    assert f"media.events --{binding}" in outcome.out


def test_generator_that_was_announced_needs_its_queues(run: Run, broker: FakeManagement) -> None:
    broker.lose("queues", "generator.card.batch")
    broker.lose("queues", "generator.card.interactive")

    out = run("topology", "check").out

    assert "missing    queue generator.card.batch\n" in out
    assert "missing    queue generator.card.interactive" in out


def test_a_broker_that_was_made_before_there_was_overflow_lacks_it(
    run: Run, broker: FakeManagement
) -> None:
    broker.lose("queues", "generator.card.interactive.overflow")
    assert "missing    queue generator.card.interactive.overflow" in run("topology", "check").out

    run("topology", "apply")

    assert run("topology", "check").code == 0


def test_what_others_have_on_the_broker_is_theirs(run: Run, broker: FakeManagement) -> None:
    broker.document["queues"].append({"name": "shop.pictures", "arguments": {}})
    broker.document["exchanges"].append({"name": "shop", "type": "fanout"})
    broker.document["policies"].append({"name": "shop", "pattern": "^shop", "apply-to": "all"})
    broker.document["bindings"].append(
        {"source": EVENTS, "routing_key": "media.ready.#", "destination": "shop.pictures"}
    )

    assert run("topology", "check").code == 0


def test_policy_that_overrules_ours_is_named(run: Run, broker: FakeManagement) -> None:
    broker.document["policies"].append(
        {"name": "short", "pattern": ".*", "apply-to": "all", "priority": 99, "definition": {}}
    )

    outcome = run("topology", "check")

    assert outcome.code == 1
    assert "queue api.progress: policy short overrules darkroom-work" in outcome.out


def test_apply_makes_what_is_missing(run: Run, broker: FakeManagement) -> None:
    broker.document = {kind: [] for kind in broker.document}

    outcome = run("topology", "apply")

    assert outcome.code == 0, outcome
    assert run("topology", "check").code == 0


def test_generator_can_be_named_before_it_has_announced_itself(
    run: Run, broker: FakeManagement
) -> None:
    outcome = run("topology", "apply", "--generator", "speech")

    assert outcome.code == 0
    assert broker.entry("queues", "generator.speech.batch")


def test_apply_names_what_it_cannot_change(run: Run, broker: FakeManagement) -> None:
    broker.entry("queues", "api.progress")["arguments"] = {"x-queue-type": "classic"}

    outcome = run("topology", "apply")

    assert outcome.code == 1
    assert "different  queue api.progress" in outcome.out


def test_user_without_rights_is_told_so(run: Run, broker: FakeManagement) -> None:
    broker.users = {"darkroom": "another"}

    outcome = run("topology", "check")

    assert outcome.code == 1
    assert (
        outcome.err
        == "error: RabbitMQ's user 'darkroom' may not do this: it takes an administrator\n"
    )


def test_show_is_a_table_or_a_definitions_file(run: Run) -> None:
    assert "generator.card.interactive" in run("topology", "show").out
    assert json.loads(run("topology", "show", "--json").out)["policies"]

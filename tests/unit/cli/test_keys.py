"""`darkroom keys`, and what is said to those whose key does not do."""

import json
import re
from pathlib import Path

import pytest

from deploy.cli.keys import SCOPES
from deploy.cli.surroundings import API_URL, Surroundings
from deploy.local.home import StackHome
from deploy.local.stack_file import StackInfo, write_stack_file
from services.api.models import Scope
from shared.client import API_KEY
from tests.unit.cli.conftest import Run
from tests.unit.client.fake_api import FakeApi
from tests.unit.client.fake_keys import OPERATOR

SHOP = ("keys", "create", "--name", "shop", "--scopes", "media:read, media:write")
OPERATING = {API_KEY: OPERATOR}


@pytest.fixture(autouse=True)
def guarded(api: FakeApi) -> None:
    api.access.guarded = True


def test_a_key_is_printed_alone_and_explained_beside_it(run: Run, api: FakeApi) -> None:
    outcome = run(*SHOP, environment=OPERATING)

    key = outcome.out.strip()
    assert re.fullmatch(r"dk_\w+", key)
    assert api.access.asked == [{"name": "shop", "scopes": ["media:read", "media:write"]}]
    assert "It is shown this once." in outcome.err
    assert f'curl -H "Authorization: Bearer ${API_KEY}" http://api.test/v1/media' in outcome.err
    assert key not in outcome.err
    assert run("list", environment={API_KEY: key}).code == 0


def test_all_that_can_be_said_of_a_key_is_passed_on(run: Run, api: FakeApi) -> None:
    outcome = run(*SHOP, "--tenant", "shop", "--expires-in", "90d", "--json", environment=OPERATING)

    made = json.loads(outcome.out)
    assert (made["tenant"], made["scopes"]) == ("shop", ["media:read", "media:write"])
    assert made["key"].startswith("dk_")
    assert api.access.asked[0]["expires_in"] == 90 * 86_400


def test_a_user_of_the_broker_gets_an_explanation_and_no_secret(run: Run) -> None:
    outcome = run(*SHOP, "--broker-user", "shop", environment=OPERATING)

    assert outcome.out == "k1\n"
    assert "RabbitMQ knows to be from shop" in outcome.err
    assert "user_id" in outcome.err


def test_keys_are_listed_with_what_they_may_do(run: Run) -> None:
    assert run("keys", "list", environment=OPERATING).out == "There are no keys.\n"
    run(*SHOP, environment=OPERATING)
    run(*SHOP, "--expires-in", "1s", environment=OPERATING)
    run("keys", "revoke", "k1", environment=OPERATING)

    lines = run("keys", "list", environment=OPERATING).out.splitlines()

    assert [line.split()[:5] for line in lines[1:]] == [
        ["k2", "shop", "default", "expired", "–"],
        ["k1", "shop", "default", "revoked", "–"],
    ]
    assert lines[1].endswith("media:read, media:write")
    more = run("keys", "list", "--limit", "1", environment=OPERATING)
    assert more.err == "more: darkroom keys list --cursor more\n"
    listed = json.loads(run("keys", "list", "--json", environment=OPERATING).out)
    assert len(listed["items"]) == 2


def test_one_key_is_shown(run: Run) -> None:
    run(*SHOP, "--broker-user", "printer", environment=OPERATING)

    shown = run("keys", "show", "k1", environment=OPERATING).out
    assert "never" in shown
    assert "broker user  printer" in shown
    assert json.loads(run("keys", "show", "k1", "--json", environment=OPERATING).out)["id"] == "k1"


def test_a_revoked_key_opens_nothing(run: Run) -> None:
    key = run(*SHOP, environment=OPERATING).out.strip()

    assert run("keys", "revoke", "k1", environment=OPERATING).out == "revoked  k1  shop\n"

    refused = run("list", environment={API_KEY: key})
    assert refused.code == 1
    assert refused.err.splitlines()[1].startswith(f"{API_KEY} has no key that is good there.")


def test_whoever_has_no_key_is_told_where_it_goes(run: Run) -> None:
    outcome = run("list")

    assert outcome.code == 1
    making = "darkroom keys create --name NAME --scopes media:read,media:write"
    assert outcome.err.splitlines() == [
        "error: Send a key: Authorization: Bearer dk_…",
        f"Say a key in {API_KEY}. Operators make them: {making}",
    ]


def test_whoever_may_not_do_it_is_told_what_is_lacking(run: Run) -> None:
    only = ("keys", "create", "--name", "writer", "--scopes", "media:write")
    key = run(*only, environment=OPERATING).out.strip()

    outcome = run("list", environment={API_KEY: key})

    assert outcome.code == 1
    assert outcome.err.startswith("error: This needs the scope media:read.\nSay a key in ")


def test_what_cannot_be_a_key_is_not_repeated(run: Run) -> None:
    outcome = run("list", environment={API_KEY: "two words"})

    assert outcome.code == 1
    assert "two words" not in outcome.err
    assert f"Look at {API_KEY}" in outcome.err


def test_an_operator_acts_for_a_tenant(run: Run, api: FakeApi) -> None:
    run("list", environment={**OPERATING, "DARKROOM_TENANT": "shop"})
    assert api.access.said[-1]["x-darkroom-tenant"] == "shop"


def test_an_unknown_key_cannot_be_revoked(run: Run) -> None:
    outcome = run("keys", "revoke", "k9", environment=OPERATING)
    assert (outcome.code, "no key k9" in outcome.err) == (1, True)


def test_the_help_names_every_scope(run: Run) -> None:
    assert SCOPES.split(", ") == [scope.value for scope in Scope]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackInfo:
    """What the stack of this checkout says of itself."""
    info = StackInfo(
        api="http://here.test",
        api_key=OPERATOR,
        rabbitmq="amqp://broker",
        management=None,
        databases={},
        pids={},
    )
    write_stack_file(tmp_path, info)
    monkeypatch.setenv("DARKROOM_HOME", str(tmp_path))
    monkeypatch.setattr(StackHome, "is_running", lambda _: True)
    return info


@pytest.mark.usefixtures("running")
def test_here_the_operators_key_is_used_but_not_elsewhere() -> None:
    assert Surroundings(environment={}).api_key() == OPERATOR
    assert Surroundings(environment={API_KEY: "dk_mine"}).api_key() == "dk_mine"
    assert Surroundings(environment={API_URL: "http://there.test"}).api_key() is None


def test_the_operators_key_is_not_shown(running: StackInfo) -> None:
    assert OPERATOR not in repr(running)

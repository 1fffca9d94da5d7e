"""`darkroom topology` on a real broker."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

import httpx
import pytest
from faststream.rabbit import RabbitBroker

from deploy.cli.main import main
from deploy.cli.surroundings import API_URL, MANAGEMENT_URL, Surroundings
from shared.messaging.declare import declare
from shared.messaging.topology import all_queues

GENERATORS = ("card", "art")
Run = Callable[..., int]


@pytest.fixture
def vhost(rabbitmq_url: str) -> str:
    return urlsplit(rabbitmq_url).path.lstrip("/")


@pytest.fixture
def run(vhost: str, management_url: str) -> Run:
    """Run `darkroom topology …` on the vhost; the exit code."""
    nobody = httpx.MockTransport(lambda _: httpx.Response(503))
    here = Surroundings(
        environment={MANAGEMENT_URL: management_url, API_URL: "http://api.test"},
        api_transport=nobody,
    )

    def call(*arguments: str) -> int:
        with pytest.raises(SystemExit) as left:
            main(["topology", *arguments, "--vhost", vhost], here)
        return int(left.value.code or 0)

    return call


def test_what_the_services_declare_is_what_is_checked(
    run: Run, rabbitmq_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async def services_declare() -> None:
        async with RabbitBroker(rabbitmq_url, logger=None) as broker:
            connection = await broker.connect()
            await declare(connection, all_queues(GENERATORS))

    asyncio.run(services_declare())

    assert run("check", "--generator", "card") == 0, capsys.readouterr().out


def test_apply_makes_everything_and_a_second_time_nothing(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("check") == 1
    assert "missing    queue api.progress" in capsys.readouterr().out
    assert run("apply", "--generator", "card") == 0
    assert run("apply", "--generator", "card") == 0
    assert run("check", "--generator", "card") == 0


def test_queue_of_another_kind_is_found_and_left_alone(
    run: Run, vhost: str, management_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with httpx.Client(base_url=f"{management_url}/api/") as broker:
        made = broker.put(f"queues/{vhost}/api.progress", json={"durable": True})
        made.raise_for_status()

    assert run("apply") == 1
    assert "different  queue api.progress: arguments" in capsys.readouterr().out


def test_policy_that_ops_changed_is_set_right_by_apply(
    run: Run, vhost: str, management_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run("apply")
    with httpx.Client(base_url=f"{management_url}/api/") as broker:
        changed = {"pattern": "^api", "definition": {"delivery-limit": 3}, "apply-to": "queues"}
        broker.put(f"policies/{vhost}/darkroom-work", json=changed).raise_for_status()

    assert run("check") == 1
    assert "different  policy darkroom-work: definition" in capsys.readouterr().out
    assert run("apply") == 0

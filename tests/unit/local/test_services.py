"""What a service is told by its environment."""

from pathlib import Path

import pytest

from deploy.local.given import GivenRabbitMQ
from deploy.local.services import serve_spec, service_environment
from deploy.local.settings import LocalSettings


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    monkeypatch.setenv("DARKROOM_GENERATOR_DATABASE_URL", "postgresql://not-for-the-api")
    monkeypatch.setenv("DARKROOM_ALLOW_FAULTS", "1")
    return service_environment(
        "api",
        settings=LocalSettings(),
        port=8123,
        database="postgresql://api",
        notifier="http://notifier",
        rabbitmq=GivenRabbitMQ("amqp://broker", None),
        home=tmp_path,
    )


def test_a_service_knows_its_own_database_and_no_other(environment: dict[str, str]) -> None:
    urls = {name: url for name, url in environment.items() if name.endswith("_DATABASE_URL")}
    assert urls == {"DARKROOM_API_DATABASE_URL": "postgresql://api"}


def test_a_service_inherits_what_a_person_has_set(environment: dict[str, str]) -> None:
    assert environment["DARKROOM_ALLOW_FAULTS"] == "1"


def test_a_service_is_told_its_port_its_broker_and_its_store(
    environment: dict[str, str], tmp_path: Path
) -> None:
    assert environment["DARKROOM_API_PORT"] == "8123"
    assert environment["DARKROOM_RABBITMQ_URL"] == "amqp://broker"
    assert environment["DARKROOM_STORE_URL"] == f"file://{tmp_path}/store"
    assert "DARKROOM_RABBITMQ_MANAGEMENT_URL" not in environment


def test_a_service_is_started_as_it_would_be_alone(tmp_path: Path) -> None:
    spec = serve_spec("notifier", {}, tmp_path)
    assert spec.command[1:] == ["-m", "services.notifier", "serve"]
    assert spec.log == tmp_path / "notifier.log"

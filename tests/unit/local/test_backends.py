"""Where Postgres and RabbitMQ come from."""

from pathlib import Path
from typing import Any

import pytest

from deploy.local import backends
from deploy.local.backends import choose_postgres, choose_rabbitmq
from deploy.local.errors import LocalStackError
from deploy.local.settings import SERVICES, Backend, LocalSettings


def _given(**more: Any) -> LocalSettings:
    urls: dict[str, Any] = {f"{name}_database_url": f"postgresql://{name}" for name in SERVICES}
    return LocalSettings(**urls, **more)


@pytest.fixture
def no_docker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "engine_answers", lambda: False)


def test_given_urls_come_first(tmp_path: Path) -> None:
    settings = _given(rabbitmq_url="amqp://somewhere", backend=Backend.CONTAINERS)
    assert choose_postgres(settings, tmp_path, tmp_path).origin == "given"
    assert choose_rabbitmq(settings, tmp_path, tmp_path).origin == "given"


def test_given_databases_are_handed_on_by_name(tmp_path: Path) -> None:
    postgres = choose_postgres(_given(), tmp_path, tmp_path)
    assert postgres.create_databases(["darkroom_api"]) == {"darkroom_api": "postgresql://api"}


def test_half_given_databases_are_refused_by_name(tmp_path: Path) -> None:
    settings = LocalSettings(api_database_url="postgresql://api")
    with pytest.raises(LocalStackError, match="not DARKROOM_GENERATOR_DATABASE_URL, DARKROOM_NOT"):
        choose_postgres(settings, tmp_path, tmp_path)


@pytest.mark.usefixtures("no_docker")
def test_without_docker_they_are_embedded(tmp_path: Path) -> None:
    settings = LocalSettings(backend=Backend.AUTO)
    assert choose_postgres(settings, tmp_path, tmp_path).origin == "embedded"
    rabbitmq = choose_rabbitmq(settings, tmp_path, tmp_path)
    assert rabbitmq.origin == "embedded"
    rabbitmq.cleanup()


@pytest.mark.usefixtures("no_docker")
def test_containers_that_are_wanted_but_impossible_are_an_error(tmp_path: Path) -> None:
    with pytest.raises(LocalStackError, match="Docker cannot run postgres:17"):
        choose_postgres(LocalSettings(backend=Backend.CONTAINERS), tmp_path, tmp_path)

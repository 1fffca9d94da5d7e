"""The three services as processes: how they are called, what they are told, when they are ready."""

import json
import os
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from deploy.local.access import PRIVATE, StackAccess
from deploy.local.component import RabbitMQ
from deploy.local.errors import LocalStackError, tail
from deploy.local.http import get
from deploy.local.process import ProcessSpec, spawn
from deploy.local.settings import CHECKOUT, SERVICES, LocalSettings

_ANSWERS_WITHIN = 5.0


def service_environment(
    service: str,
    *,
    settings: LocalSettings,
    port: int,
    database: str,
    notifier: str,
    rabbitmq: RabbitMQ,
    access: StackAccess,
    home: Path,
) -> dict[str, str]:
    """Our own environment, and this service's port, database, user at the broker and secrets."""
    others = {*PRIVATE, *(f"DARKROOM_{name.upper()}_DATABASE_URL" for name in SERVICES)}
    inherited = {name: value for name, value in os.environ.items() if name not in others}
    management = rabbitmq.management_url_for(service)
    prefix = f"DARKROOM_{service.upper()}"
    return {
        **inherited,
        "PYTHONUNBUFFERED": "1",
        "DARKROOM_HOST": settings.host,
        "DARKROOM_NOTIFIER_URL": notifier,
        "DARKROOM_RABBITMQ_URL": rabbitmq.url_for(service),
        "DARKROOM_STORE_URL": settings.store_url or (home / "store").as_uri(),
        f"{prefix}_DATABASE_URL": database,
        f"{prefix}_PORT": str(port),
        **({"DARKROOM_RABBITMQ_MANAGEMENT_URL": management} if management else {}),
        **access.told(service),
    }


def serve_spec(service: str, environment: Mapping[str, str], logs: Path) -> ProcessSpec:
    return ProcessSpec(
        name=service,
        command=[sys.executable, "-m", f"services.{service}", "serve"],
        log=logs / f"{service}.log",
        environment=environment,
        folder=CHECKOUT,
        grace=timedelta(seconds=30),
    )


def migrate(databases: Mapping[str, str], logs: Path) -> None:
    """Bring all databases to their present form, as each service's `migrate` would."""
    urls = {f"DARKROOM_{service.upper()}_DATABASE_URL": url for service, url in databases.items()}
    spec = ProcessSpec(
        name="migrate",
        command=[sys.executable, "-m", "deploy.local.migrate"],
        log=logs / "migrate.log",
        environment={**os.environ, **urls},
        folder=CHECKOUT,
    )
    if spawn(spec).wait() != 0:
        raise LocalStackError(f"the databases could not be migrated:\n{tail(spec.log)}")


def why_not_ready(url: str) -> str | None:
    """None when the service says it is ready, else what it says or why it says nothing."""
    try:
        status, body = get(f"{url}/health/ready", _ANSWERS_WITHIN)
    except OSError as error:
        return str(error)
    return None if status == 200 else body


def announced(url: str, api_key: str | None) -> list[str]:
    """The names of the generators that the api at ``url`` knows by now."""
    try:
        status, body = get(f"{url}/v1/generators", _ANSWERS_WITHIN, bearer=api_key)
    except OSError:
        return []
    return [item["name"] for item in json.loads(body)["items"]] if status == 200 else []

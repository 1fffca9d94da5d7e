"""Chooses where Postgres and RabbitMQ come from: given URLs, then containers, then embedded."""

from pathlib import Path

from deploy.local.component import Postgres, RabbitMQ
from deploy.local.containers import (
    POSTGRES_IMAGE,
    RABBITMQ_IMAGE,
    ContainerPostgres,
    ContainerRabbitMQ,
)
from deploy.local.docker import engine_answers, has_image
from deploy.local.errors import LocalStackError
from deploy.local.given import GivenPostgres, GivenRabbitMQ
from deploy.local.ports import PortReservations
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.rabbitmq import RabbitMQNode, RabbitMQPorts
from deploy.local.settings import SERVICES, Backend, LocalSettings


def choose_postgres(settings: LocalSettings, home: Path, logs: Path) -> Postgres:
    """All three databases come from one place: their URLs are given for all, or for none."""
    given = {service: url for service in SERVICES if (url := settings.database_url(service))}
    if len(given) == len(SERVICES):
        return GivenPostgres(given)
    if given:
        missing = sorted(set(SERVICES) - set(given))
        variables = ", ".join(f"DARKROOM_{service.upper()}_DATABASE_URL" for service in missing)
        raise LocalStackError(f"some database URLs are given, but not {variables}")
    log = logs / "postgres.log"
    if _use_containers(settings.backend, POSTGRES_IMAGE):
        return ContainerPostgres(home, log)
    return EmbeddedPostgres(home / "postgres", log)


def choose_rabbitmq(settings: LocalSettings, home: Path, logs: Path) -> RabbitMQ:
    if settings.rabbitmq_url:
        return GivenRabbitMQ(settings.rabbitmq_url, settings.rabbitmq_management_url)
    log = logs / "rabbitmq.log"
    if _use_containers(settings.backend, RABBITMQ_IMAGE):
        return ContainerRabbitMQ(home, log, settings.rabbitmq_port)
    reservations = PortReservations()
    ports = RabbitMQPorts.reserve(reservations, settings.rabbitmq_port)
    return RabbitMQNode(home / "rabbitmq", ports, log=log, reservations=reservations)


def _use_containers(backend: Backend, image: str) -> bool:
    if backend is Backend.EMBEDDED:
        return False
    if engine_answers() and has_image(image):
        return True
    if backend is Backend.CONTAINERS:
        raise LocalStackError(f"DARKROOM_BACKEND=containers, but Docker cannot run {image}")
    return False

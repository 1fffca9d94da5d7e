"""Every `DARKROOM_…` variable that anything reads, by who reads it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from deploy.local.settings import LocalSettings
from services.api.settings import ApiSettings
from services.generator.generators.comfyui import ComfyUiGenerator
from services.generator.generators.openai_images import OpenAiImagesGenerator
from services.generator.generators.openai_speech import OpenAiSpeechGenerator
from services.generator.generators.replicate import ReplicateGenerator
from services.generator.settings import GeneratorSettings
from services.notifier.settings import NotifierSettings
from shared.service import AccessSettings, ServiceSettings
from shared.service.settings import variable_name

OWN = ("database_url", "port")
"""Declared for all services, but each has a variable of its own."""
LOCAL = {
    "home": "The folder of the local stack: data, logs, results, stack.json.",
    "backend": "Where Postgres and RabbitMQ come from when no URLs are given: "
    "auto (containers, else embedded), containers or embedded.",
    "rabbitmq_port": "The port of the local stack's own RabbitMQ; moves when it is taken.",
    "rabbitmq_management_url": "RabbitMQ's management API, http://user:password@host:15672: "
    "for `darkroom topology`.",
}
CLI = {
    "DARKROOM_API_URL": "The API that `darkroom` talks to; else the stack of this checkout.",
    "DARKROOM_API_KEY": "The key with which it (and the client) asks, where the API wants one; "
    "else that of the stack of this checkout.",
    "DARKROOM_TENANT": "Whom it acts for, with a key that may.",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable, as a person sets it."""

    name: str
    description: str
    default: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads variables, and which."""

    title: str
    variables: tuple[Variable, ...]


def readers() -> Iterator[Reader]:
    """All of them: what every service is told, each service, the local stack, the command."""
    common = set(ServiceSettings.model_fields) - set(OWN)
    yield Reader("Every service", tuple(_variables(ServiceSettings, common)))
    shared = set(AccessSettings.model_fields) - set(ServiceSettings.model_fields)
    yield Reader("api and notifier", tuple(_variables(AccessSettings, shared)))
    for title, settings in (
        ("api", ApiSettings),
        ("generator", GeneratorSettings),
        ("notifier", NotifierSettings),
    ):
        yield Reader(
            title, tuple(_variables(settings, set(settings.model_fields) - common - shared))
        )
    yield Reader("Providers", tuple(_of_providers()))
    yield Reader("Local stack", tuple(_variables(LocalSettings, set(LOCAL), LOCAL)))
    yield Reader("darkroom command", tuple(Variable(*item, "") for item in CLI.items()))


def _of_providers() -> Iterator[Variable]:
    for kind in (
        ComfyUiGenerator,
        OpenAiImagesGenerator,
        OpenAiSpeechGenerator,
        ReplicateGenerator,
    ):
        for name, field in kind.settings.model_fields.items():
            description = f"{kind.name}: {field.description}"
            default = "" if name == "backends" else _written(field.default)
            yield Variable(kind.settings.variable(name), description, default)


def _variables(
    settings: type[BaseSettings], names: set[str], words: dict[str, str] | None = None
) -> Iterator[Variable]:
    for name, field in settings.model_fields.items():
        if name in names:
            description = field.description or (words or {}).get(name, "")
            default = "" if name == "home" else _written(field.default)
            yield Variable(variable_name(name, field), description, default, field.is_required())


def _written(default: Any) -> str:
    if default is None or default is PydanticUndefined:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)

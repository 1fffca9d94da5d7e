"""`.env.example`: every variable with its default, ready to be copied and changed."""

import textwrap
from collections.abc import Iterator

from deploy.reference.variables import Variable, readers

_HEAD = """\
# Every setting of Darkroom. Copy it to .env, change what you need, and load it:
#     set -a; . ./.env; set +a
# What is commented out has the value shown, or none. The local stack (make run, darkroom up)
# gives the services their URLs itself.
"""
_EXAMPLES = {
    "DARKROOM_API_DATABASE_URL": "postgresql://api:secret@localhost:5432/darkroom_api",
    "DARKROOM_GENERATOR_DATABASE_URL": "postgresql://generator:secret@localhost:5432/darkroom_generator",
    "DARKROOM_NOTIFIER_DATABASE_URL": "postgresql://notifier:secret@localhost:5432/darkroom_notifier",
    "DARKROOM_RABBITMQ_URL": "amqp://darkroom:secret@localhost:5672/",
    "DARKROOM_RABBITMQ_MANAGEMENT_URL": "http://darkroom:secret@localhost:15672",
    "DARKROOM_STORE_URL": "file:///var/lib/darkroom/store",
    "DARKROOM_API_URL": "http://127.0.0.1:8000",
}


def env_example() -> str:
    """The file's text."""
    return "\n".join([_HEAD, *_sections()])


def _sections() -> Iterator[str]:
    for reader in readers():
        yield f"# --- {reader.title} " + "-" * (93 - len(reader.title))
        for variable in reader.variables:
            yield _entry(variable)
        yield ""


def _entry(variable: Variable) -> str:
    value = variable.default or _EXAMPLES.get(variable.name, "")
    needed = "Required. " if variable.required else ""
    words = textwrap.wrap(needed + variable.description, 98)
    return "\n".join([*(f"# {line}" for line in words), f"#{variable.name}={value}"])

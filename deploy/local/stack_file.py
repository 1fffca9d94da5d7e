"""`.darkroom/stack.json`: how a running local stack describes itself to everybody else."""

import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

NAME = "stack.json"


class StackInfo(BaseModel):
    """Where everything is. URLs carry passwords: the file is for its owner's eyes only.

    ``api_key`` is the operator's, where the api wants keys. ``pids`` lists the processes of each
    service; Postgres and RabbitMQ have one, or none when they were not started by this stack.
    """

    model_config = ConfigDict(frozen=True)

    api: str
    api_key: str | None = Field(default=None, repr=False)
    rabbitmq: str
    management: str | None
    databases: dict[str, str]
    pids: dict[str, list[int] | int | None]

    @property
    def api_headers(self) -> dict[str, str]:
        """What calls of the api have to say."""
        return {"Authorization": f"Bearer {self.api_key}"} if self.api_key else {}


def write_stack_file(home: Path, info: StackInfo) -> None:
    """Replace the file at once: a reader sees the old one or the new one."""
    temporary = home / f"{NAME}.new"
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(info.model_dump_json(indent=2) + "\n")
    temporary.replace(home / NAME)


def read_stack_file(home: Path) -> StackInfo | None:
    try:
        return StackInfo.model_validate_json((home / NAME).read_text())
    except (OSError, ValidationError):
        return None


def remove_stack_file(home: Path) -> None:
    (home / NAME).unlink(missing_ok=True)

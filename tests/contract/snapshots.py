"""Every snapshot: the file, and the code that says what stands in it."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from prometheus_client import CollectorRegistry

from shared.clock import SystemClock, uuid7
from shared.contracts import (
    asyncapi_document,
    envelope_schema,
    message_schema,
    schema_file_name,
    topology_document,
)
from shared.events import CATALOG, Message

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "shared/events/schemas"


@dataclass(frozen=True)
class Snapshot:
    """One committed file and what it should say."""

    path: Path
    render: Callable[[], str]

    @property
    def name(self) -> str:
        return self.path.relative_to(ROOT).as_posix()

    def is_current(self) -> bool:
        return self.path.is_file() and self.path.read_text() == self.render()

    def write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(self.render())


def snapshots() -> Iterator[Snapshot]:
    """All of them."""
    yield Snapshot(SCHEMAS / "cloudevent.json", lambda: _json(envelope_schema()))
    for message in CATALOG.values():
        path = SCHEMAS / schema_file_name(message)
        yield Snapshot(path, partial(_schema, message))
    yield Snapshot(ROOT / "docs/asyncapi.json", lambda: _json(asyncapi_document()))
    yield Snapshot(ROOT / "docs/topology.json", lambda: _json(topology_document()))
    yield Snapshot(ROOT / "docs/openapi.json", lambda: _json(openapi_document()))
    yield Snapshot(ROOT / "docs/cli.txt", cli_help)


def _schema(message: type[Message]) -> str:
    return _json(message_schema(message))


def openapi_document() -> dict[str, Any]:
    """What the api serves at /openapi.json; nothing is asked of its services."""
    from services.api.routes import fast_api
    from services.api.service import make_services
    from shared.storage import in_memory
    from shared.testing import RecordingPublisher

    def unused() -> NoReturn:
        raise AssertionError("the document is made without the database")

    store = in_memory()
    services = make_services(
        unused,
        store,
        RecordingPublisher(),
        clock=SystemClock(),
        new_id=uuid7,
        registry=CollectorRegistry(),
    )
    return fast_api(services).openapi()


def cli_help() -> str:
    """What `darkroom --help` prints, and each command's `--help`, as wide as a page."""
    plain = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "tests.contract.help_pages"],
        env=os.environ | plain,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    text = "\n".join(line.rstrip() for line in done.stdout.splitlines())
    return re.sub("\n{3,}", "\n\n", text).strip() + "\n"


def _json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"

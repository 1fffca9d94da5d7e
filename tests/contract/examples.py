"""Example messages of every type, kept as they were: what was published once must parse for ever.

The writer adds an example for a type that has none, and never changes one that is there.
"""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from uuid import UUID

from shared.contracts import schema_file_name
from shared.events import CATALOG, Message, encode
from shared.events.parts import JobMessage
from shared.testing import an_event
from tests.contract.snapshots import Snapshot
from tests.message_builders import BUILDERS

EXAMPLES = Path(__file__).parent / "examples"
JOB = UUID("019ab7f0-0000-7000-8000-000000000001")
EVENT = UUID("019ab7f0-0000-7000-8000-000000000002")


def example_path(message: type[Message]) -> Path:
    return EXAMPLES / schema_file_name(message)


def missing_examples() -> Iterator[Snapshot]:
    """A first example of every type that has none yet."""
    for message in CATALOG.values():
        path = example_path(message)
        if not path.exists():
            yield Snapshot(path, partial(first_example, message))


def first_example(message: type[Message]) -> str:
    """The example that a new type begins with."""
    about_a_job = "job_id" in message.model_fields
    data = BUILDERS[message](**({"job_id": JOB} if about_a_job else {}))
    event_id = None if issubclass(message, JobMessage) else EVENT
    event = an_event(data, source="/darkroom/examples", event_id=event_id, tenant="acme")
    return json.dumps(json.loads(encode(event)), indent=2) + "\n"

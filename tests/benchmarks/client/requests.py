"""The requests of a door, made beforehand where they are all alike."""

import itertools
import uuid
from collections.abc import Iterator

from tests.benchmarks.client.http import post
from tests.benchmarks.system import UNIQUE, HttpDoor


def unique(body: str) -> str:
    """The body with a new UUID in place of each ``UNIQUE``."""
    while UNIQUE in body:
        body = body.replace(UNIQUE, str(uuid.uuid4()), 1)
    return body


def posts(door: HttpDoor) -> Iterator[bytes]:
    """POSTs of the door's bodies in turn, without end."""
    if any(UNIQUE in body for body in door.bodies):
        for body in itertools.cycle(door.bodies):
            yield post(door.url, door.path, unique(body).encode())
    yield from itertools.cycle([post(door.url, door.path, body.encode()) for body in door.bodies])

"""The routing key of a message: its type without prefix and version, then what ops filter by."""

from functools import lru_cache

from shared.events.commands import ControlGenerators
from shared.events.envelope import CloudEvent
from shared.events.generators import GeneratorAnnounced
from shared.events.media import MediaRejected, MediaRequested
from shared.events.parts import JobMessage


@lru_cache(maxsize=256)
def stem(type_name: str) -> str:
    """`darkroom.media.requested.v1` > `media.requested`."""
    return type_name.removeprefix("darkroom.").rsplit(".", 1)[0]


def routing_key(event: CloudEvent) -> str:
    """`media.requested.card.interactive`, `media.ready.card`, `generator.announced.card`."""
    words = [stem(event.type)]
    match event.data:
        case MediaRequested(generator=generator, lane=lane):
            words += [generator, lane.value]
        case JobMessage(generator=generator):
            words.append(generator)
        case GeneratorAnnounced(name=name):
            words.append(name)
        case MediaRejected(generator=str(name)) | ControlGenerators(generator=str(name)):
            words.append(name)
    return ".".join(words)

"""The queues this service takes from: the backlog of each hosted generator, and control."""

from collections.abc import Callable, Sequence

from faststream.rabbit import RabbitMessage

from services.generator.errors import UnexpectedMessageError
from services.generator.models import NewJob, Wish
from services.generator.service.admission import AdmissionService, job_of
from services.generator.service.stopping import StopService, wish_of
from services.generator.service.window import Window
from shared.events import Lane
from shared.messaging import topology
from shared.messaging.publisher import PublishesMany
from shared.messaging.subscriber import BatchSubscriber, read_event

MOST_AT_ONCE = 200


def work_subscribers(
    generators: Sequence[str],
    admission: AdmissionService,
    window: Window,
    size: int,
    publisher: PublishesMany,
) -> list[BatchSubscriber[NewJob]]:
    """One for each generator and lane; the window may pause them.

    What was delivered before a pause is still admitted: so deliveries are few against the window.
    """
    subscribers = []
    prefetch = max(1, min(MOST_AT_ONCE, size // 2))
    for name in generators:
        for lane in Lane:
            subscriber = BatchSubscriber(
                topology.work_queue(name, lane).name,
                admission.admit,
                _reader(name),
                publisher=publisher,
                prefetch=prefetch,
            )
            window.watch((name, lane), subscriber)
            subscribers.append(subscriber)
    return subscribers


def control_subscriber(stops: StopService, publisher: PublishesMany) -> BatchSubscriber[Wish]:
    """Wishes to stop, and deadlines that have passed."""
    return BatchSubscriber(
        topology.GENERATOR_CONTROL, stops.handle, _read_wish, publisher=publisher
    )


def _reader(generator: str) -> Callable[[RabbitMessage], NewJob]:
    def read(message: RabbitMessage) -> NewJob:
        event = read_event(message)
        job = job_of(event)
        if job is None or job.generator != generator:
            raise UnexpectedMessageError(f"{event.type} does not belong into {generator}'s queue")
        return job

    return read


def _read_wish(message: RabbitMessage) -> Wish:
    event = read_event(message)
    wish = wish_of(event)
    if wish is None:
        raise UnexpectedMessageError(f"{event.type} is no wish to stop a job")
    return wish

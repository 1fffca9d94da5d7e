"""The queues this service takes from: the backlog of each hosted generator, and control."""

from collections.abc import Callable, Sequence
from itertools import product

from services.generator.errors import UnexpectedMessageError
from services.generator.models import ControlWord, Decision, Erasure, NewJob, Wish
from services.generator.service.admission import AdmissionService, job_of
from services.generator.service.erasing import ErasureService, erasure_of
from services.generator.service.pausing import PauseService, word_of
from services.generator.service.reconciling import ReconciliationService, decision_of
from services.generator.service.stopping import StopService, wish_of
from services.generator.service.window import Window
from shared.events import Lane
from shared.messaging import topology
from shared.messaging.delivery import Delivery
from shared.messaging.publisher import PublishesMany
from shared.messaging.subscriber import BatchSubscriber, read_event

MOST_AT_ONCE = 200
Control = Wish | ControlWord | Decision | Erasure


def work_subscribers(
    generators: Sequence[str],
    admission: AdmissionService,
    window: Window,
    size: int,
    publisher: PublishesMany,
) -> list[BatchSubscriber[NewJob]]:
    """Two for each generator and lane, the second for its overflow; the window may pause them.

    What was delivered before a pause is still admitted: so deliveries are few against the window.
    """
    subscribers = []
    prefetch = max(1, min(MOST_AT_ONCE, size // 2))
    for name in generators:
        for lane, overflow in product(Lane, (False, True)):
            subscriber = BatchSubscriber(
                topology.work_queue(name, lane, overflow=overflow).name,
                admission.admit,
                _reader(name, overflow),
                publisher=publisher,
                prefetch=prefetch,
            )
            window.watch((name, lane, overflow), subscriber)
            subscribers.append(subscriber)
    return subscribers


def control_subscriber(
    stops: StopService,
    pauses: PauseService,
    reconciliation: ReconciliationService,
    erasures: ErasureService,
    *,
    publisher: PublishesMany,
) -> BatchSubscriber[Control]:
    """Wishes to stop, deadlines that have passed, decisions, erasures, pauses and their ends."""

    async def handle(batch: Sequence[Control]) -> None:
        if wishes := [item for item in batch if isinstance(item, Wish)]:
            await stops.handle(wishes)
        if words := [item for item in batch if isinstance(item, ControlWord)]:
            await pauses.handle(words)
        if decisions := [item for item in batch if isinstance(item, Decision)]:
            await reconciliation.handle(decisions)
        if deleted := [item for item in batch if isinstance(item, Erasure)]:
            await erasures.handle(deleted)

    return BatchSubscriber(topology.GENERATOR_CONTROL, handle, _read_control, publisher=publisher)


def _reader(generator: str, overflow: bool) -> Callable[[Delivery], NewJob]:
    def read(message: Delivery) -> NewJob:
        event = read_event(message)
        job = job_of(event)
        if job is None or job.generator != generator:
            raise UnexpectedMessageError(f"{event.type} does not belong into {generator}'s queue")
        job.overflow = overflow
        return job

    return read


def _read_control(message: Delivery) -> Control:
    event = read_event(message)
    read = wish_of(event) or word_of(event) or decision_of(event) or erasure_of(event)
    if read is None:
        raise UnexpectedMessageError(f"{event.type} stops no job and controls no generator")
    return read

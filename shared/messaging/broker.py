"""FastStream's broker as Darkroom uses it: over a connection that hands deliveries to batches."""

import logging
from functools import partial
from typing import Any

from faststream.rabbit import RabbitBroker, RabbitMessage

from shared.messaging.connection import connection_url
from shared.messaging.properties import read_any_properties
from shared.messaging.wire.connection import WireConnection
from shared.messaging.wire.consuming import Take

CONNECT_SECONDS = 10.0


class BatchBroker(RabbitBroker):
    """`takes`: by queue, who gets its deliveries; those of other queues FastStream handles."""

    def __init__(self, url: str, **told: Any) -> None:
        super().__init__(url, **told)
        self.takes: dict[str, Take] = {}
        self._connection_kwargs["connection_class"] = partial(WireConnection, takes=self.takes)


def make_broker(url: str, *, app_id: str) -> BatchBroker:
    """The broker with the settings the hot path asks for."""
    read_any_properties()
    return BatchBroker(
        connection_url(url, name=f"{app_id} in"),
        app_id=app_id,
        logger=logging.getLogger("faststream"),
        log_level=logging.DEBUG,
        apply_types=False,
        decoder=_leave_as_it_is,
        graceful_timeout=4,
        reconnect_interval=1,
        timeout=CONNECT_SECONDS,
    )


async def _leave_as_it_is(message: RabbitMessage) -> RabbitMessage:
    """Handlers take the message itself."""
    return message

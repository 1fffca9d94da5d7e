"""Reading messages whose properties no Python client would write.

AMQP leaves them to the sender: text that is not UTF-8, a timestamp in the year 300,000, a delivery
mode of 7, a header of a type that nobody knows. The broker passes all of it on. The protocol's
decoder raises, which ends the connection with everything on it unacked; the message comes back and
does it again, in this queue and then as a dead letter. So what cannot be read is left out here,
below everything else, and the body decides what the message is worth.
"""

import struct
from functools import cache

from aio_pika.abc import DeliveryMode
from pamqp.commands import Basic
from pamqp.header import ContentHeader

UNREADABLE = "x-darkroom-unreadable-properties"

_FIXED = struct.Struct(">HHQ")
_MODES = frozenset({None, *map(int, DeliveryMode)})


@cache
def read_any_properties() -> None:
    """From now on, in this process."""
    strictly = ContentHeader.unmarshal

    def unmarshal(self: ContentHeader, data: bytes) -> None:
        try:
            strictly(self, data)
        except Exception as error:
            self.class_id, self.weight, self.body_size = _FIXED.unpack_from(data)
            self.properties = Basic.Properties(headers={UNREADABLE: str(error)[:500]})
        _repair(self.properties)

    ContentHeader.unmarshal = unmarshal  # type: ignore[method-assign]


def _repair(properties: Basic.Properties) -> None:
    """Leave out what the broker does not look at, and the client library chokes on."""
    if properties.delivery_mode not in _MODES:
        properties.delivery_mode = None
    if properties.expiration is not None and not properties.expiration.isdecimal():
        properties.expiration = None

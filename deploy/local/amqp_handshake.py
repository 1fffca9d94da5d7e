"""Is the broker ready? Answered by logging in, not by looking for an open port.

A RabbitMQ that boots can listen before its users and vhosts are there. So readiness here is the
whole opening of AMQP 0-9-1 (section 2.2.4 of its specification), up to the answer that the vhost is
open. Synchronous, for ``rabbitmq`` and ``containers``, which start things without an event loop.
"""

import socket
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from pamqp import commands, frame, header
from pamqp.base import Frame
from pamqp.constants import FRAME_HEADER_SIZE
from pamqp.exceptions import PAMQPException

_ANSWERS_WITHIN = 3.0


def answers(url: str) -> bool:
    """Whether that user can open that vhost now."""
    try:
        return _logs_in(url)
    except (OSError, PAMQPException):
        return False


def _logs_in(url: str) -> bool:
    address = urlsplit(url)
    name, password = unquote(address.username or "guest"), unquote(address.password or "guest")
    peer = (address.hostname or "localhost", address.port or 5672)
    with socket.create_connection(peer, _ANSWERS_WITHIN) as connection:
        connection.sendall(header.ProtocolHeader().marshal())
        for received in _frames(connection):
            if isinstance(received, commands.Connection.Start):
                login = f"\0{name}\0{password}"
                _send(connection, commands.Connection.StartOk({}, "PLAIN", login, "en_US"))
            elif isinstance(received, commands.Connection.Tune):
                _send(
                    connection,
                    commands.Connection.TuneOk(received.channel_max, received.frame_max, 0),
                )
                _send(connection, commands.Connection.Open(unquote(address.path[1:]) or "/"))
            else:
                with suppress(OSError):
                    _send(connection, commands.Connection.Close(200, "ready", 0, 0))
                return isinstance(received, commands.Connection.OpenOk)
    return False


def _frames(connection: socket.socket) -> Iterator[object]:
    while True:
        start = _exactly(connection, FRAME_HEADER_SIZE)
        _, _, size = frame.frame_parts(start)
        yield frame.unmarshal(start + _exactly(connection, (size or 0) + 1))[2]


def _exactly(connection: socket.socket, count: int) -> bytes:
    received = b""
    while len(received) < count:
        chunk = connection.recv(count - len(received))
        if not chunk:
            raise ConnectionResetError("closed in the middle of the handshake")
        received += chunk
    return received


def _send(connection: socket.socket, command: Frame) -> None:
    connection.sendall(frame.marshal(command, 0))

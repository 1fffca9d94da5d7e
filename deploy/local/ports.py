"""Choosing TCP ports on the loopback interface, without stepping on anybody.

A port that is wanted but taken moves to the next free one. Between choosing a port and the server's
listening on it another stack could choose the same: so the choice is also marked by an abstract
Unix socket of that number, which the kernel removes with the process that holds it. Marks and ports
share a network namespace, so containers do not collide.
"""

import errno
import socket
import sys

from deploy.local.errors import LocalStackError

_TRIES = 500


class PortReservations:
    """Ports that this process has chosen for its servers, until ``release`` or its end."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self._host = host
        self._marks: list[socket.socket] = []

    def take(self, preferred: int) -> int:
        """``preferred``, or the next port above it that is neither used nor chosen."""
        for port in range(preferred, min(preferred + _TRIES, 65536)):
            if self._mark(port):
                return port
        raise LocalStackError(f"no free port from {preferred} on")

    def release(self) -> None:
        for mark in self._marks:
            mark.close()
        self._marks.clear()

    def _mark(self, port: int) -> bool:
        mark = socket.socket(socket.AF_UNIX)
        try:
            if sys.platform == "linux":
                mark.bind(f"\0darkroom-port-{port}")
        except OSError:
            mark.close()
            return False
        if not is_free(port, self._host):
            mark.close()
            return False
        self._marks.append(mark)
        return True


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now; lingering connections do not count."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True

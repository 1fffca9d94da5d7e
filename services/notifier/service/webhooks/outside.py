"""What calls may reach, and whom they believe there.

Neighbours: `shared.addresses` tells what is public; `connections` connects to what was looked at
here, and to nothing else.
"""

import asyncio
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from socket import SOCK_STREAM, getaddrinfo

import httpcore

from shared.addresses import (
    AddressRefusedError,
    Place,
    Resolve,
    addresses_of,
    is_allowed,
    is_literal,
    is_public,
)


@dataclass(frozen=True, slots=True)
class Outside:
    """What calls may reach. `ports` are ranges; `allowed_hosts` may be private as well.

    `ca_file` has authorities of one's own, as PEM, beside those of the system and of Mozilla.
    """

    ports: Sequence[range]
    timeout: timedelta
    allow_private: bool = False
    allowed_hosts: Sequence[str] = ()
    ca_file: Path | None = None
    resolve: Resolve = addresses_of

    def must_allow(self, place: Place) -> None:
        """Raises `AddressRefusedError` for what can be seen without looking the host up."""
        if self._trusts(place.host):
            return
        if not any(place.port in ports for ports in self.ports):
            raise AddressRefusedError(f"Webhooks may not go to port {place.port}.")
        if is_literal(place.host) and not is_public(place.host):
            raise _not_public(place.host)

    async def addresses(self, host: str, port: int) -> Sequence[str]:
        """Where to connect to now. Raises `AddressRefusedError`, `OSError`."""
        addresses = await self.resolve(host, port)
        if not self._trusts(host) and not all(map(is_public, addresses)):
            raise _not_public(host)
        return addresses

    def authorities(self) -> ssl.SSLContext:
        """Whose certificates are believed. Loading them takes longer than a call."""
        context = httpcore.default_ssl_context()
        context.load_default_certs()
        if self.ca_file is not None:
            context.load_verify_locations(self.ca_file)
        return context

    def _trusts(self, host: str) -> bool:
        return self.allow_private or is_allowed(host, self.allowed_hosts)


class Resolver:
    """Looks hosts up in threads of its own: a name server that does not answer holds up to one
    thread a call, and the event loop has only a few for all.
    """

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="webhook-names")

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        """Its addresses. Raises `OSError` where it has none."""
        if is_literal(host):
            return [host]
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            self._threads, lambda: getaddrinfo(host, port, type=SOCK_STREAM)
        )
        return [str(entry[4][0]) for entry in found]

    def close(self) -> None:
        """Look up nothing more."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _not_public(host: str) -> AddressRefusedError:
    return AddressRefusedError(
        f"{host} is not a public address; DARKROOM_WEBHOOK_ALLOWED_HOSTS can allow it."
    )

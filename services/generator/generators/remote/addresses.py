"""Where a provider's results may be fetched from: never from inside one's own network.

A name is resolved once, every address that it has is looked at, and the connection goes to one of
those: a name that means something else a moment later does not get past.
"""

import asyncio
import socket
from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address
from typing import Final
from urllib.parse import urlsplit

from services.generator.generators.remote.errors import ProviderFailedError

_PORTS: Final = {"https": 443, "http": 80}


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `ProviderFailedError` for what is no http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in _PORTS or not parts.hostname or parts.username or not port:
        raise ProviderFailedError("The provider's result has an address that is none.")
    return parts.scheme, parts.hostname.lower(), port


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether it is one of these; `*.example.com` are all names below example.com."""
    return any(
        host.endswith(one[1:].lower()) if one.startswith("*.") else host == one.lower()
        for one in allowed
    )


async def public_address(host: str, port: int) -> str:
    """An address of the host. Raises `ProviderFailedError` when any of them is not public."""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise ConnectionError(f"{host} has no address") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not all(map(is_public, addresses)):
        raise ProviderFailedError(f"The provider's result lies at {host}, which is not public.")
    return addresses[0]


def is_public(address: str) -> bool:
    """Whether the address is one of the internet: none of a private network, of this machine, …"""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo or (None, None))[1]
        if inner is not None:
            return inner.is_global and not inner.is_multicast
    return parsed.is_global and not parsed.is_multicast

"""Where a provider's results may be fetched from: never from inside one's own network.

A name is resolved once, every address that it has is looked at, and the connection goes to one of
those. Neighbour: shared/addresses.py knows which are public.
"""

from typing import Final
from urllib.parse import urlsplit

from services.generator.generators.remote.errors import ProviderFailedError
from shared.addresses import PORTS, addresses_of, is_allowed, is_public

__all__: Final = ["is_allowed", "is_public", "origin", "public_address"]


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises `ProviderFailedError` for what is no http(s) URL."""
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme not in PORTS or not parts.hostname or parts.username or not port:
        raise ProviderFailedError("The provider's result has an address that is none.")
    return parts.scheme, parts.hostname.lower(), port


async def public_address(host: str, port: int) -> str:
    """An address of the host. Raises `ProviderFailedError` when any of them is not public."""
    try:
        addresses = await addresses_of(host, port)
    except OSError:
        raise ConnectionError(f"{host} has no address") from None
    if not all(map(is_public, addresses)):
        raise ProviderFailedError(f"The provider's result lies at {host}, which is not public.")
    return addresses[0]

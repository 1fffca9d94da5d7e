"""Which addresses outside may be spoken to: never those of one's own network.

Whoever lets others name a URL (webhooks, results of providers) asks here twice: whether the URL is
one at all (`read_url`), and, when the connection is made, which addresses its host has at that
moment (`addresses_of`). The connection then goes to one of those: a name that means something else
a moment later does not get past. Neighbours: the notifier's `outside`, the generator's downloads.
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

from shared.errors import PermanentError

PORTS: Final = {"https": 443, "http": 80}
LONGEST_URL: Final = 2048
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host; raises `OSError` where it has none."""

_HOST: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]{0,251}[a-z0-9_])?\.?", re.IGNORECASE)
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)
_PRINTABLE: Final = re.compile(r"[\x21-\x7e]+")
_UNICAST: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")
# What Python's own tables count as public in some versions, and what clouds keep for themselves.
_RESERVED_4: Final = tuple(
    IPv4Network(one)
    for one in ("100.64.0.0/10", "168.63.129.16/32", "192.0.0.0/24", "192.88.99.0/24",
                "198.18.0.0/15", "240.0.0.0/4")
)  # fmt: skip
_RESERVED_6: Final = tuple(IPv6Network(one) for one in ("2001:db8::/32", "3fff::/20"))


class AddressRefusedError(PermanentError):
    """The address is not one that Darkroom speaks to."""

    code = "address_refused"
    title = "Address refused"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads: `target` is the path with its query; `host` is lower case, unbracketed."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Host and port as the `Host` header has them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def read_url(url: str) -> Place:
    """The parts of an http(s) URL of printable ASCII. Raises `AddressRefusedError`.

    What parsers read differently is refused: user names, backslashes, spaces, zones, numbers that
    stand for addresses. A name in other letters is to be written as DNS has it (xn--…).
    """
    if len(url) > LONGEST_URL or not _PRINTABLE.fullmatch(url) or "\\" in url:
        raise AddressRefusedError(
            f"A URL has 1 to {LONGEST_URL:,} printable ASCII characters, without spaces and "
            "backslashes; write other letters in host names as xn--…"
        )
    try:
        parts = urlsplit(url)
        port = PORTS.get(parts.scheme, 0) if parts.port is None else parts.port
    except ValueError:
        raise AddressRefusedError("The URL cannot be read.") from None
    if parts.scheme not in PORTS or not parts.hostname or not port:
        raise AddressRefusedError("The URL has to begin with https:// or http:// and a host.")
    if "@" in parts.netloc:
        raise AddressRefusedError("The URL may not have a user name or password in it.")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, _host(parts.hostname.lower()), port, target)


def _host(host: str) -> str:
    if ":" in host:
        try:
            return str(IPv6Address(host)) if "%" not in host else _refused(host)
        except ValueError:
            return _refused(host)
    if not _HOST.fullmatch(host) or ".." in host:
        return _refused(host)
    if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]):
        try:
            return str(IPv4Address(host))
        except ValueError:
            return _refused(host)
    return host


def _refused(host: str) -> str:
    raise AddressRefusedError(f"{host[:253]} is neither a host name nor an IP address.")


def is_allowed(host: str, allowed: Sequence[str]) -> bool:
    """Whether it is one of these; `*.example.com` are all names below example.com."""
    return any(
        host.endswith(one[1:].lower()) if one.startswith("*.") else host == one.lower()
        for one in allowed
    )


def is_literal(host: str) -> bool:
    """Whether the host of a `Place` is an address, not a name."""
    return ":" in host or host.rpartition(".")[2].isdigit()


def is_public(address: str) -> bool:
    """Whether the address is one of the internet: none of a private network, of this machine, …

    What carries an IPv4 address to be unpacked on the way is as public as that.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return _is_public_4(parsed)
    if parsed.scope_id is not None:
        return False
    if (inner := _inner(parsed)) is not None:
        return _is_public_4(inner)
    return parsed in _UNICAST and parsed.is_global and not any(parsed in one for one in _RESERVED_6)


def _is_public_4(address: IPv4Address) -> bool:
    refused = address.is_multicast or any(address in one for one in _RESERVED_4)
    return address.is_global and not refused


def _inner(address: IPv6Address) -> IPv4Address | None:
    """IPv4 mapped, 6to4, Teredo (RFC 4291, 3056, 4380), NAT64's well-known prefix (RFC 6052)."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


async def addresses_of(host: str, port: int) -> Sequence[str]:
    """What the system's resolver knows. Raises `OSError`."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]

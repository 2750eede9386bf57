"""Which machines may be contacted: a URL from an abstract must not reach into a private network."""

import ipaddress
import socket
from collections.abc import Callable

IsAllowed = Callable[[str], bool]
"""Says whether an address may be contacted."""

_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")
"""IPv6 addresses that hold an IPv4 address in their last 32 bits (RFC 6052)."""

_SPECIAL = tuple(
    ipaddress.ip_network(block) for block in ("fec0::/10", "192.0.0.0/24", "192.88.99.0/24")
)
"""Old site-local addresses and two special blocks that Python's tables have called global."""


class NotPublic(Exception):
    """A host that has an address which is not public: private, loopback, link-local, reserved."""


def is_public(address: str) -> bool:
    """Return whether an address is one of the public internet, whatever it is wrapped in."""
    try:
        # A link-local address may end in its zone, as in fe80::1%eth0.
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        # Tunnels carry an address of their own, which nobody has checked.
        if parsed.sixtofour or parsed.teredo:
            return False
        if parsed in _TRANSLATED:
            parsed = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        elif parsed.ipv4_mapped:
            parsed = parsed.ipv4_mapped
    if any(parsed in network for network in _SPECIAL):
        return False
    # To Python, addresses of groups such as 224.0.0.1 are global.
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def resolve_public(host: str, port: int, is_allowed: IsAllowed) -> list[str]:
    """Return the addresses of a host. Raises `NotPublic` if any of them may not be contacted.

    The caller connects to one of these, never to the name again: a second look-up could answer
    otherwise (DNS rebinding). Raises `OSError` where the name has no address.
    """
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(address[4][0]) for address in answers))
    # A private address among public ones is how a name is rebound: then none is used.
    if refused := [address for address in addresses if not is_allowed(address)]:
        raise NotPublic(f"{host} is at {refused[0]}, which is not a public address")
    return addresses

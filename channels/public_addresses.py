"""Which network addresses our requests may reach: the public ones, each asked before it is used."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from django.conf import settings

IPAddress = IPv4Address | IPv6Address

# An IPv4 address inside an IPv6 one, for networks that have no other.
NAT64 = IPv6Network("64:ff9b::/96")


class ForbiddenAddress(Exception):
    """No request of ours may go there."""


def addresses_of(host: str, port: int) -> list[str]:
    """Resolve a host and return its addresses, all of them allowed.

    Connect to one of these, not to the name: it may mean another machine a moment later. Raises
    ForbiddenAddress if any is not public, OSError if there is none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError as failure:  # not a name that the network could know
        raise ForbiddenAddress from failure
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if not all(is_allowed(address) for address in addresses):
        raise ForbiddenAddress
    return addresses


def is_allowed(text: str) -> bool:
    """Whether an address is public; with the sandbox, this machine is allowed too."""
    address = _inner(ip_address(text))
    if address.is_loopback:
        return bool(settings.SANDBOX)
    local = isinstance(address, IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or address.is_reserved or local)


def _inner(address: IPAddress) -> IPAddress:
    """Return the IPv4 address that an IPv6 one stands for, or the address itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    teredo = address.teredo[1] if address.teredo else None
    return address.ipv4_mapped or address.sixtofour or teredo or address

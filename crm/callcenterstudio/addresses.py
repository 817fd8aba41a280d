"""Addresses on the web: their origin, and the ones that no key may be sent to.

People type the API's address. A cloud's metadata service answers at a link-local address and gives
away the machine's own keys; no tenant of Call Center Studio has one. The connection is checked
after the name was resolved, so a name that leads there is refused as well.
"""

import ipaddress
import re
import socket
from typing import Any
from urllib.parse import urlsplit

import urllib3
from requests.adapters import HTTPAdapter

from .errors import ForbiddenAddress

# Metadata services that are not link-local: AWS by IPv6, Alibaba, Azure.
_METADATA = frozenset(
    ipaddress.ip_address(one) for one in ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Strict, because an origin ends up in headers: "a.example; script-src *" is none.
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
_DEFAULT_PORTS = {"http": 80, "https": 443}


def origin_of(url: str) -> str:
    """Return an address's origin as browsers write it in ``event.origin``, "" if it has none.

    Lower case, international names in ASCII, no port where it is the scheme's own.
    """
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not _HOST.fullmatch(host):
        return ""
    if ":" in host:
        host = f"[{host}]"
    suffix = "" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{suffix}"


def is_forbidden(ip: str) -> bool:
    """Whether nothing may be sent to this IP address, also if IPv6 wraps an IPv4 one."""
    address = ipaddress.ip_address(ip.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        address = inner or address
    return (
        address.is_link_local
        or address.is_multicast
        or address.is_unspecified
        or address in _METADATA
    )


def leads_to_forbidden(host: str) -> bool:
    """Whether a host name or address means a forbidden one now; a name unknown here does not.

    Waits for the name to be resolved.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return False
    return any(is_forbidden(str(address[0])) for *_rest, address in found)


class GuardedAdapter(HTTPAdapter):
    """Connects to no forbidden address. Raises ForbiddenAddress before anything is sent."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Like that of requests, with connections that check their address."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


class _Http(urllib3.connection.HTTPConnection):
    def connect(self) -> None:
        super().connect()
        _check(self)


class _Https(urllib3.connection.HTTPSConnection):
    def connect(self) -> None:
        super().connect()
        _check(self)


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


def _check(connection: urllib3.connection.HTTPConnection) -> None:
    if connection.sock is not None and is_forbidden(connection.sock.getpeername()[0]):
        connection.close()
        raise ForbiddenAddress(
            f"{connection.host} leads into this machine's own network, where Call Center Studio "
            "is not. Nothing was sent. Check the tenant's addresses."
        )

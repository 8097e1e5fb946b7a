"""Which addresses outside may be called: the public internet, and what the operator allows by name or network.

A host is judged by the address that is connected to, never by its name: names can say one thing when a webhook is
registered and another when it is called.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from app.errors import ConfigError, FieldError, Invalid

HOST = re.compile(r"^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$")
PRINTABLE = re.compile(r"^[!-~]+$")
LONGEST = 2048
REFUSED = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8",  # this network; the unspecified address
            "10.0.0.0/8",  # private
            "100.64.0.0/10",  # shared by the customers of a carrier (CGNAT)
            "127.0.0.0/8",  # loopback
            "169.254.0.0/16",  # link-local, and the metadata services of clouds
            "172.16.0.0/12",  # private
            "192.0.0.0/24",  # protocol assignments
            "192.0.2.0/24",  # documentation
            "192.31.196.0/24",  # AS112
            "192.52.193.0/24",  # AMT
            "192.88.99.0/24",  # 6to4 relays
            "192.168.0.0/16",  # private
            "192.175.48.0/24",  # AS112
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",  # documentation
            "203.0.113.0/24",  # documentation
            "224.0.0.0/4",  # multicast
            "240.0.0.0/4",  # reserved; broadcast
            "2001::/23",  # protocol assignments, Teredo among them
            "2001:db8::/32",  # documentation
            "2002::/16",  # 6to4: an IPv4 address in disguise
            "2620:4f:8000::/48",  # AS112
            "3fff::/20",  # documentation
        ),
    )
)
"""From IANA's registries of special-purpose addresses (https://www.iana.org/protocols), IPv4 and IPv6."""
UNICAST_IPV6 = IPv6Network("2000::/3")
"""All of IPv6 that is given out; mapped, translated, local and multicast addresses lie outside."""

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """Where a URL leads: what must be resolved, and what is asked for there."""

    scheme: str
    host: str
    port: int
    path: str
    """With the query."""
    authority: str
    """As the Host header has it."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """The hosts and networks that may be called although they are not public (`FOURPORT_WEBHOOK_ALLOW`)."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> "Allowed":
        """From host names, addresses and networks; ConfigError names what is none of them."""
        hosts, networks = set(), []
        for entry in entries:
            try:
                networks.append(ip_network(entry))
            except ValueError:
                if not HOST.fullmatch(entry.lower()) or entry.replace(".", "").isdigit():
                    raise ConfigError(
                        f"FOURPORT_WEBHOOK_ALLOW: {entry!r} is no host name, address or network"
                    ) from None
                hosts.add(entry.lower())
        return cls(frozenset(hosts), tuple(networks))

    def permits(self, target: Target, address: str) -> bool:
        """Whether `address`, which the target's name stands for now, may be connected to for it."""
        found = ip_address(address.partition("%")[0])
        if target.host in self.hosts or any(found in network for network in self.networks):
            return True
        return target.scheme == "https" and is_public(found)

    def may_be_plain(self, host: str) -> bool:
        """Whether `http://` may do for the host; where that hangs on its address, the address decides later."""
        if host in self.hosts:
            return True
        if _is_address(host):
            return any(ip_address(host) in network for network in self.networks)
        return bool(self.networks)


def is_public(address: Address) -> bool:
    """Whether an address belongs to the public internet and to one host in it."""
    if any(address in network for network in REFUSED):
        return False
    return address.is_global and (address.version == 4 or address in UNICAST_IPV6)


def read_url(url: str) -> Target:
    """Take a URL apart; ValueError says what is wrong with it."""
    if len(url) > LONGEST or not PRINTABLE.fullmatch(url) or "\\" in url:
        raise ValueError(f"must be at most {LONGEST} printable ASCII characters without spaces")
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise ValueError("must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise ValueError("must not hold a user name or password")
    if parts.fragment or "#" in url:
        raise ValueError("must not have a fragment")
    host = parts.hostname or ""
    if not (_is_address(host) or HOST.fullmatch(host)):
        raise ValueError("must name a host")
    port = (443 if parts.scheme == "https" else 80) if parts.port is None else parts.port
    if port == 0:
        raise ValueError("must not name port 0")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path, parts.netloc.lower())


def check_url(url: str, allowed: Allowed) -> Target:
    """Refuse an address that can never be called, before it is kept; Invalid at `url`.

    Names are not resolved here: what they stand for is looked at each time they are called.
    """
    try:
        target = read_url(url)
    except ValueError as error:
        raise _invalid(
            "bad_url", str(error), "give the full address, such as https://erp.example.com/hook"
        ) from None
    if target.scheme == "http" and not allowed.may_be_plain(target.host):
        raise _invalid("https_only", "must begin with https://", "serve the address over HTTPS")
    if _is_address(target.host) and not allowed.permits(target, target.host):
        raise _invalid(
            "address_not_public",
            f"{target.host} is not an address of the public internet",
            "give a public address; the operator can allow others (FOURPORT_WEBHOOK_ALLOW)",
        )
    return target


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return "%" not in host


def _invalid(code: str, message: str, suggestion: str) -> Invalid:
    return Invalid(f"url: {message}", (FieldError("url", code, message, suggestion, "$.url"),))

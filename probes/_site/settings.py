"""
What may a Scan order of the probe `site`?

The names come from the list of the school, the vantage from the operator; nothing here can weaken a check.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated

import dns.exception
import dns.name
from pydantic import AfterValidator, BaseModel, Field

from probes._settings import FROZEN, WITH_PORT, Host, Port, is_address


def _name(text: str) -> str:
    """Refuse what is an address, or no name of the domain name system."""
    if is_address(text) or "." not in text.rstrip("."):
        raise ValueError("expected the name of a site, as www.example.edu.cn")
    try:
        dns.name.from_text(text)
    except dns.exception.DNSException as wrong:
        raise ValueError("expected the name of a site, as www.example.edu.cn") from wrong
    return text


def _resolver(text: str) -> str:
    """Refuse what is not `address:port`."""
    found = WITH_PORT.fullmatch(text)
    if found is None or not is_address(found[1].strip("[]")) or not 0 < int(found[2]) < 65_536:
        raise ValueError("expected address:port of a resolver, an IPv6 address in brackets")
    return text


Network = IPv4Network | IPv6Network
PLAIN_PORT = 80
Count = Annotated[int, Field(strict=True, ge=0, le=500)]


class Site(BaseModel):
    """One site: its name and the port at which it is asked, by TLS unless that is 80."""

    model_config = FROZEN

    name: Annotated[Host, AfterValidator(_name)]
    port: Port = 443

    @property
    def host(self) -> str:
        """The name as it is asked for: ASCII (RFC 3490), lower case, no full stop at its end."""
        return dns.name.from_text(self.name.lower()).to_text(omit_final_dot=True)

    @property
    def tls(self) -> bool:
        """Whether it is asked by TLS."""
        return self.port != PLAIN_PORT


class Crawl(BaseModel):
    """How many links are asked at most: those of the home page, and those of the pages behind them."""

    model_config = FROZEN

    second: Count = 50
    third: Count = 200


class Settings(BaseModel):
    """What a Scan orders of this probe; times are in seconds."""

    model_config = FROZEN

    sites: Annotated[list[Site], Field(min_length=1, max_length=16)] = Field(
        description="the sites: name, and port 443 if left out"
    )
    trials: Annotated[int, Field(strict=True, ge=1, le=8)] = Field(
        default=4, description="how often the home page is asked for over each family"
    )
    crawl: Crawl | None = Field(
        default_factory=Crawl, description="how many internal links are asked, null for none; one request a second"
    )
    timeout_s: Annotated[float, Field(strict=True, gt=0, le=10)] = Field(
        default=4.0, description="longest wait for one connect, and for one question to a name server"
    )
    lab_prefixes: Annotated[list[Network], Field(max_length=16)] = Field(
        default_factory=list, description="networks that count as public; ordered for virtual schools only"
    )
    resolver: Annotated[str, Field(strict=True), AfterValidator(_resolver)] | None = Field(
        default=None, description="address:port of the resolver to ask; those of the system if left out"
    )


def resolver_of(text: str) -> tuple[str, int]:
    """Address and port of a resolver that was ordered."""
    host, _, port = text.rpartition(":")
    return str(ip_address(host.strip("[]"))), int(port)

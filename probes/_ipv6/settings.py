"""
What may a Scan order of the probe `ipv6`?

Where names, addresses and bounds come from decides what a rung is worth: an order of the collector's names the operator's. Addresses are
literal, so that no rung above the one about names leans on a resolver of the school's.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, IPv6Network
from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from evidence.echo import LARGEST_OBJECT
from probes._settings import FROZEN, Host, InterfaceName, Port

WaitS = Annotated[float, Field(strict=True, gt=0, le=30)]
TimeUs = Annotated[int, Field(strict=True, ge=1, le=30_000_000)]
SharePpm = Annotated[int, Field(strict=True, ge=0, le=1_000_000)]
KeyHex = Annotated[str, Field(strict=True, pattern=r"^[0-9a-f]{64}$")]
Nonce = Annotated[str, Field(strict=True, pattern=r"^[0-9A-Za-z]{0,64}$")]
MEGABYTE = 1024 * 1024


def _spelled(name: str) -> str:
    """A router as advertisements tell it: an IPv6 address in its one form (RFC 5952), a hardware address in pairs with colons."""
    digits = re.sub(r"[:.-]", "", name.lower())
    if re.fullmatch(r"[0-9a-f]{12}", digits) and "::" not in name:
        return bytes.fromhex(digits).hex(":")
    try:
        return str(IPv6Address(name.partition("%")[0]))
    except ValueError as wrong:
        raise ValueError("expected a hardware address such as 00:25:9e:00:00:01 or one such as fe80::1") from wrong


RouterName = Annotated[str, Field(strict=True, max_length=64), AfterValidator(_spelled)]


def _of_ipv6(address: IPv6Address) -> IPv6Address:
    """Refuse an IPv4 address in the clothes of an IPv6 one."""
    if address.ipv4_mapped is not None:
        raise ValueError("expected an IPv6 address, not an IPv4 one written as such")
    return address


RealIPv6 = Annotated[IPv6Address, AfterValidator(_of_ipv6)]


class Echo(BaseModel):
    """The operator's names below `zone`, the addresses that stand behind them, and the key that signs what the server saw."""

    model_config = FROZEN

    zone: Host
    server_key: KeyHex
    v6: RealIPv6
    v4: IPv4Address | None = None
    mtu1280: RealIPv6 | None = None
    bad6: RealIPv6 | None = None
    operator: Annotated[str, Field(strict=True, max_length=64)] = ""
    port: Port = 443
    http_port: Port = 80


class Target(BaseModel):
    """A host that is to be reached over IPv6, and in whose network it stands."""

    model_config = FROZEN

    address: RealIPv6
    port: Port = 443
    operator: Annotated[str, Field(strict=True, min_length=1, max_length=64)]


class Limits(BaseModel):
    """Where a rung ends: times in microseconds, shares in ppm."""

    model_config = FROZEN

    dns_us: TimeUs = 2_000_000
    reach_ppm: SharePpm = 600_000
    fewest_targets: Annotated[int, Field(strict=True, ge=1, le=32)] = 5
    fewest_operators: Annotated[int, Field(strict=True, ge=1, le=32)] = 3
    size_us: TimeUs = 4_000_000
    dual_ppm: SharePpm = 900_000
    slower_us: TimeUs = 250_000
    race_ppm: SharePpm = 500_000
    parity_ppm: SharePpm = 980_000
    rtt_ppm: SharePpm = 200_000
    rtt_us: TimeUs = 10_000
    rate_ppm: SharePpm = 800_000


class Settings(BaseModel):
    """What a Scan orders of this probe; times are in seconds."""

    model_config = FROZEN

    interface: InterfaceName | None = Field(
        default=None, description="the interface to measure; the one of the default route if left out"
    )
    rs_tries: Annotated[int, Field(strict=True, ge=1, le=10)] = Field(
        default=3, description="how many router solicitations to send"
    )
    rs_interval_s: WaitS = Field(default=4.0, description="time between two solicitations")
    listen_s: WaitS = Field(default=12.0, description="longest wait for a router")
    linger_s: Annotated[float, Field(strict=True, ge=0, le=40)] = Field(
        default=30.0,
        description="how long to listen for a second router after the first, while the other rungs are climbed",
    )
    routers: Annotated[list[RouterName], Field(max_length=16)] = Field(
        default_factory=list, description="hardware or link-local addresses of the routers that belong here"
    )
    lab_prefixes: Annotated[list[IPv6Network], Field(max_length=16)] = Field(
        default_factory=list, description="prefixes that count as native; ordered for virtual schools only"
    )
    echo: Echo | None = Field(
        default=None, description="the operator's names; without them L4 and L6 to L9 are not tested"
    )
    targets: Annotated[list[Target], Field(max_length=32)] = Field(
        default_factory=list, description="who else is to be reached, in several operators' networks"
    )
    nonce: Nonce = Field(default="", description="what the order wants to have echoed")
    agent: Annotated[str, Field(strict=True, max_length=64)] = Field(
        default="", description="this box's key id; added by the agent, never part of an order"
    )
    limits: Limits = Field(default_factory=Limits, description="where a rung ends")
    parity: bool = Field(default=True, description="whether L9 is climbed, which moves content over both families")
    rate_octets: Annotated[int, Field(strict=True, ge=MEGABYTE, le=LARGEST_OBJECT)] = Field(
        default=8 * MEGABYTE, description="how much one download of L9 moves at most"
    )

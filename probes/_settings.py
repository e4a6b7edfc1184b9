"""
What may a Scan order, how is it written, and what of it may a signed Report repeat?

The types that several probes share, and `public_settings`: a Report carries the settings it ran with, secrets left out, in
the one spelling that can be signed (docs/evidence-v1.md): no floats, no tuples.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretBytes, SecretStr

# A secret that is in the wrong place must not come back in the words of the error.
FROZEN = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

SNMP_PORT = 161
WITH_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:]+):(\d{1,5})")

# For private use, RFC 1918 and RFC 4193. The carriers' shared space (100.64.0.0/10, RFC 6598) is not: it lies behind a router of
# the provider's, and what is sent there has left the school.
PRIVATE = tuple(map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))

LABELS = re.compile(r"[^\W]([\w-]*\w)?(\.\w([\w-]*\w)?)*\.?")


def _host(text: str) -> str:
    """Refuse what is neither an address nor a name, in words that do not repeat it."""
    if is_address(text) or (LABELS.fullmatch(text) and not text.rstrip(".").rpartition(".")[2].isdigit()):
        return text
    raise ValueError("expected a host name, an IPv4 address or an IPv6 address without brackets and zone")


def is_address(text: str) -> bool:
    """Whether the text is an IPv4 or IPv6 address; a zone (`%eth0`) makes it none."""
    try:
        return "%" not in text and bool(ipaddress.ip_address(text).max_prefixlen)
    except ValueError:
        return False


def is_inside(host: str) -> bool:
    """
    Whether a host is an address that a device of the school can have and nobody outside: what is kept inside goes nowhere else.

    A name is none, for it may lead anywhere; nor is this box itself, an address of one link only, or one for documentation. The first
    and the last address of a private block are those of whole networks, however the school divides it.
    """
    if not is_address(host):
        return False
    given = ipaddress.ip_address(host)
    address = getattr(given, "ipv4_mapped", None) or given
    return any(address in network and address not in (network[0], network[-1]) for network in PRIVATE)


Host = Annotated[str, Field(strict=True, min_length=1, max_length=253), AfterValidator(_host)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
TimeoutS = Annotated[float, Field(strict=True, gt=0, le=30)]
InterfaceName = Annotated[str, Field(strict=True, pattern=r"^[^\s/:]{1,15}$")]


def subject(host: str, port: int) -> str:
    """`host:port`; an IPv6 address stands in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def parted(written: str) -> tuple[str, int]:
    """Host and port of a switch, as `subject` or a person writes them; 161 where no port is named."""
    found = WITH_PORT.fullmatch(written)
    return (found[1].strip("[]"), int(found[2])) if found else (written.strip("[]"), SNMP_PORT)


def switch_subject(entry: Mapping[str, Any]) -> str:
    """`host:port` of an entry in a list of switches, as readings name the switch."""
    return subject(str(entry.get("host", "")), int(entry.get("port", SNMP_PORT)))


def public_settings(settings: BaseModel) -> dict[str, Any]:
    """
    The settings as they were given, as a signed Report may carry them.

    Secrets are left out at any depth, what was not set stays unset, tuples are lists, a float that is whole is an integer
    and any other float a decimal string.
    """
    public: dict[str, Any] = _public(settings.model_dump(exclude_unset=True))
    return public


def _public(value: Any) -> Any:
    """One value in its public spelling."""
    if isinstance(value, dict):
        return {str(key): _public(inner) for key, inner in value.items() if not _secret(inner)}
    if isinstance(value, list | tuple | set | frozenset):
        return [_public(inner) for inner in value if not _secret(inner)]
    if isinstance(value, float):
        return int(value) if value.is_integer() else format(Decimal(repr(value)), "f")
    return value if isinstance(value, str | int | None) else str(value)


def _secret(value: Any) -> bool:
    """Whether a value is one that no Report may carry."""
    return isinstance(value, SecretStr | SecretBytes)

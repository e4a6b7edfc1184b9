"""
What may a Scan order, how is it written, and what of it may a signed Report repeat?

The types that several probes share, and `public_settings`: a Report carries the settings it ran with, secrets left out, in
the one spelling that can be signed (docs/evidence-v1.md): no floats, no tuples.
"""

from __future__ import annotations

import ipaddress
import re
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretBytes, SecretStr

# A secret that is in the wrong place must not come back in the words of the error.
FROZEN = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

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


Host = Annotated[str, Field(strict=True, min_length=1, max_length=253), AfterValidator(_host)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
TimeoutS = Annotated[float, Field(strict=True, gt=0, le=30)]
InterfaceName = Annotated[str, Field(strict=True, pattern=r"^[^\s/:]{1,15}$")]


def subject(host: str, port: int) -> str:
    """`host:port`; an IPv6 address stands in brackets (RFC 3986 section 3.2.2)."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


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

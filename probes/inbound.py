"""
Does anybody outside get in to a box in the school over IPv6?

*Method*: run by a box of the operator's that stands outside. One TCP connect to each port of each address, side by side, nothing is sent. A
port that accepts, or refuses with a reset, was reached: nothing before the box kept the packet out. Silence, or an ICMPv6 error of a router
that prohibits it (RFC 4443 section 3.1), is what a network shows that lets in nothing unasked (RFC 6092 section 3.3).

Where all are silent, a root server is asked one question: silence of everybody is this box's own.

What it does not prove: that other addresses or ports are closed, or that the box is on. A firewall that answers as the box would, with a
reset or with "port unreachable" (nft's plain `reject`), looks like the box. It is a remark, never a failure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from ipaddress import IPv6Address, IPv6Network
from typing import Annotated, Self

from pydantic import BaseModel, Field, model_validator

from evidence.ladder import FROM_OUTSIDE, INCONCLUSIVE, PASS
from evidence.model import Facts, Raw, Reading
from evidence.quantities import IPV6_RUNG
from probes import Probe
from probes._ipv6.classes import class_of
from probes._literal import Connect, connect_all
from probes._settings import FROZEN, Port
from probes._site.ask import Question, ask
from probes._site.names import ROOT
from probes._site.public import FAR, source_towards

PORTS = [22, 80, 135, 443, 445, 3389, 8080, 51413]
REACHED = ("", "ECONNREFUSED")  # accepted, or reset: either came from the box, or from what speaks for it
NOT_THERE = (
    "EHOSTUNREACH",
    "ENETUNREACH",
)  # RFC 4443 section 3.1, codes 3 and 0: the last router knows no such host or network


class Settings(BaseModel):
    """What a Scan orders of this probe; times are in seconds."""

    model_config = FROZEN

    addresses: Annotated[list[IPv6Address], Field(min_length=1, max_length=32)] = Field(
        description="native global addresses of boxes in the school, as their own reports told them"
    )
    ports: Annotated[list[Port], Field(min_length=1, max_length=16)] = Field(
        default_factory=lambda: list(PORTS), description="TCP ports to knock at"
    )
    timeout_s: Annotated[float, Field(strict=True, gt=0, le=10)] = Field(
        default=3.0, description="longest wait for one port"
    )
    lab_prefixes: Annotated[list[IPv6Network], Field(max_length=16)] = Field(
        default_factory=list, description="prefixes that count as native; ordered for virtual schools only"
    )

    @model_validator(mode="after")
    def _only_global(self) -> Self:
        """Refuse addresses that are not to be reached from outside."""
        for address in self.addresses:
            if class_of(address, self.lab_prefixes) not in ("native", "lab"):
                raise ValueError(f"addresses: {address} is not a native global address")
        return self


def run(settings: Settings) -> Iterator[Reading | Raw]:
    """Knock at every port of each address, one address after the other."""
    knocked = {
        address: connect_all([(address, port) for port in settings.ports], settings.timeout_s)
        for address in settings.addresses
    }
    way = _has_way([one for found in knocked.values() for one in found], settings)
    for address, found in knocked.items():
        yield _reading(address, found, way)
    yield Raw("inbound.json", _evidence([one for found in knocked.values() for one in found]))


def _has_way(knocked: Sequence[Connect], settings: Settings) -> bool:
    """Whether this box gets anywhere over IPv6: somebody said something, or a root server does. In a lab there is none to ask."""
    if any(one.error in REACHED for one in knocked):  # anything else may be this box's own gateway that is dead
        return True
    if settings.lab_prefixes:
        return bool(source_towards(settings.addresses[0]))
    return ask(Question(FAR[6], ROOT, "SOA"), settings.timeout_s).message is not None


def _reading(address: IPv6Address, found: Sequence[Connect], way: bool) -> Reading:
    """What follows for one address."""
    reached = [one for one in found if one.error in REACHED]
    facts: Facts = {"ports": len(found), "reached": len(reached), "source": source_towards(address)}
    state, code = _state(found, reached, way)
    if reached:
        facts["open"] = " ".join(str(one.port) for one in reached if one.accepted)
        facts["refused"] = " ".join(str(one.port) for one in reached if not one.accepted)
    coded: Facts = {"code": code} if code else {}
    return IPV6_RUNG.reading(state, subject=f"{FROM_OUTSIDE}/{address}", facts=coded | facts)


def _state(found: Sequence[Connect], reached: Sequence[Connect], way: bool) -> tuple[str, str]:
    """The state and the code; where this box has no way, or the last router found no such host, nothing is shown."""
    if reached:
        return PASS, "OPEN_INBOUND"
    if not way or not any(one.source for one in found):
        return INCONCLUSIVE, "NO_WAY"
    return (INCONCLUSIVE, "NOT_THERE") if all(one.error in NOT_THERE for one in found) else (PASS, "")


def _evidence(knocked: Sequence[Connect]) -> bytes:
    """Every port that was knocked at, and what came back."""
    rows = [
        {"to": str(one.to), "port": one.port, "source": one.source, "us": one.us, "error": one.error} for one in knocked
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1).encode()


PROBE = Probe(produces=(IPV6_RUNG,), settings=Settings, run=run, deadline_s=400)

"""
Which server may a Scan order to be measured against, in which direction, how fast and for how long at most?

Whether a saturating run may be made at all, over which interface and as which agent, the box adds; no Report repeats those.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, Field, model_validator

from evidence.stream import Direction
from probes._settings import FROZEN, InterfaceName, is_address, parted, subject
from probes._stimulus.settings import Watched
from probes._switch.settings import Text, each_once

PACE_PERCENT = 105  # a paced run asks for a little more than the threshold
PACED_US = 6_000_000  # it settles after three seconds, where it does
SATURATING = 0  # no pace: as fast as it goes
FASTEST_BIT_S = 100_000_000_000


def _server(text: str) -> str:
    """Refuse what is not a host with a port, in words that do not repeat it."""
    host, port = parted(text)
    known = is_address(host) or (host and ":" not in host and "/" not in host)
    if not known or subject(host, port) != text or not 0 < port <= 65535:
        raise ValueError("expected host:port, an IPv6 address in brackets: [2001:db8::1]:5201")
    return text


Server = Annotated[str, Field(strict=True, min_length=3, max_length=260), AfterValidator(_server)]
PublicKey = Annotated[str, Field(strict=True, pattern=r"^([0-9a-f]{64})?$")]
BitS = Annotated[int, Field(strict=True, ge=0, le=FASTEST_BIT_S)]


class Leave(BaseModel):
    """The ticket of one agent: whose it is, the session that it opens, and the text that the collector sealed."""

    model_config = FROZEN

    agent: Text = Field(description="key id of the agent")
    session: Text = Field(description="the session that the ticket opens")
    ticket: Annotated[str, Field(strict=True, min_length=1, max_length=16384)] = Field(description="as sealed")


Leaves = Annotated[list[Leave], Field(max_length=100)]


class Second(BaseModel):
    """A second server, measured right after the first: if both agree, it was not the server that limited the run."""

    model_config = FROZEN

    server: Server = Field(description="host:port")
    server_key: PublicKey = Field(default="", description="its public key, hex")
    tickets: Leaves = Field(default=[], description="one for each agent")


class Settings(BaseModel):
    """What a Scan orders of this probe, with what the agent adds on the box."""

    model_config = FROZEN

    server: Server = Field(description="measurement server, host:port or [v6]:port")
    direction: Literal["down", "up", "both"] = Field(default="both", description="towards the school, from it, or both")
    family: Literal[4, 6] | None = Field(
        default=None, description="IP version; left out, that of the first address of the name"
    )
    max_s: Annotated[int, Field(strict=True, ge=4, le=12)] = Field(default=12, description="longest run a direction")
    threshold_bit_s: BitS = Field(default=SATURATING, description="pace to 1.05 times this; 0: as fast as it goes")
    path: Literal["", "internet", "metro"] = Field(default="", description="what the server lies behind")
    operator: Text = Field(default="", description="whose line the server is reached by")
    line: Text = Field(default="", description="the school's line that is measured")
    server_key: PublicKey = Field(default="", description="the server's public key, hex; another one ends the run")
    tickets: Leaves = Field(default=[], description="one for each agent; none at a server that is open to all")
    second: Second | None = Field(default=None, description="a second server to compare with")
    switches: Annotated[list[Watched], Field(max_length=8), AfterValidator(each_once)] = Field(
        default=[], description="the school's ports to the outside, whose counters are the witness"
    )
    timeout_s: Annotated[float, Field(strict=True, gt=0, le=30)] = Field(
        default=4.0, description="longest wait for one connect, one name or one SNMP reply"
    )
    virtual_ports: Annotated[bool, Field(strict=True)] = Field(
        default=False, description="believe the rate that a virtual port tells: lab only"
    )
    agent: Text = Field(default="", description="this box's key id; the agent adds it where there are tickets")
    saturating: Annotated[bool, Field(strict=True)] = Field(
        default=True, description="whether this box's admin allows runs as fast as they go"
    )
    bind: InterfaceName | None = Field(default=None, description="interface of the line; the agent adds it")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Refuse an address of the other family than the one ordered."""
        host, _ = parted(self.server)
        if self.family is not None and is_address(host) and (":" in host) != (self.family == 6):
            raise ValueError(f"server: its address is not of the family ordered ({self.family})")
        return self

    @property
    def directions(self) -> tuple[Direction, ...]:
        """What to measure, in this order."""
        return tuple(Direction) if self.direction == "both" else (Direction(self.direction),)

    @property
    def pace_bit_s(self) -> int:
        """Payload rate to pace to; 0 for a saturating run."""
        return self.threshold_bit_s * PACE_PERCENT // 100

    @property
    def most_us(self) -> int:
        """The longest that a direction may take."""
        return PACED_US if self.threshold_bit_s else self.max_s * 1_000_000
